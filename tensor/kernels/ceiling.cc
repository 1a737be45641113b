#include "tensor/kernels/ceiling.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/ceiling.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// Two units with a latency of four or five cycles need ten; 16 vectors are all that AVX2 has.
constexpr int kChains = 12;

template <class T>
Burst burst(std::int64_t rounds) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const V a = hn::Set(d, T{0.5}), b = hn::Iota(d, T{1});
  V chains[kChains];
#pragma GCC unroll 12
  for (int i = 0; i < kChains; ++i) chains[i] = hn::Set(d, static_cast<T>(i));
  for (std::int64_t r = 0; r < rounds; ++r) {
#pragma GCC unroll 12
    for (int i = 0; i < kChains; ++i) chains[i] = hn::MulAdd(chains[i], a, b);
  }
  V sum = chains[0];
#pragma GCC unroll 12
  for (int i = 1; i < kChains; ++i) sum = hn::Add(sum, chains[i]);
  const double lanes = static_cast<double>(hn::Lanes(d));
  return {2.0 * kChains * lanes * static_cast<double>(rounds),
          static_cast<double>(hn::GetLane(hn::SumOfLanes(d, sum)))};
}

Burst burst_f32(std::int64_t rounds) { return burst<float>(rounds); }
Burst burst_f64(std::int64_t rounds) { return burst<double>(rounds); }

void copy(const float* x, float* y, std::int64_t n) {
  const hn::ScalableTag<float> d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) hn::StoreU(hn::LoadU(d, x + i + k * lanes), d, y + i + k * lanes);
  }
  for (; i < n; ++i) y[i] = x[i];
}

void triad(const float* x, const float* z, float scale, float* y, std::int64_t n) {
  const hn::ScalableTag<float> d;
  const std::int64_t lanes = static_cast<std::int64_t>(hn::Lanes(d));
  const auto s = hn::Set(d, scale);
  std::int64_t i = 0;
  for (; i + 4 * lanes <= n; i += 4 * lanes) {
#pragma GCC unroll 4
    for (int k = 0; k < 4; ++k) {
      const std::int64_t j = i + k * lanes;
      hn::StoreU(hn::MulAdd(hn::LoadU(d, z + j), s, hn::LoadU(d, x + j)), d, y + j);
    }
  }
  for (; i < n; ++i) y[i] = x[i] + scale * z[i];
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels::internal
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {

HWY_EXPORT(burst_f32);
HWY_EXPORT(burst_f64);
HWY_EXPORT(copy);
HWY_EXPORT(triad);

Burst multiply_add_burst(DType dtype, std::int64_t rounds) {
  return dtype == DType::kF64 ? HWY_DYNAMIC_DISPATCH(burst_f64)(rounds)
                              : HWY_DYNAMIC_DISPATCH(burst_f32)(rounds);
}

void stream_copy(const float* x, float* y, std::int64_t n) { HWY_DYNAMIC_DISPATCH(copy)(x, y, n); }

void stream_triad(const float* x, const float* z, float scale, float* y, std::int64_t n) {
  HWY_DYNAMIC_DISPATCH(triad)(x, z, scale, y, n);
}

}  // namespace hourglass::kernels::internal
#endif
