// Whether all numbers are finite.

#include <cstddef>

#include "tensor/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/finite.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

// x * 0 is 0 for a finite x and NaN else, and a sum that has met a NaN stays one.
template <class T>
bool is_finite(const T* x, std::size_t n) {
  const hn::ScalableTag<T> d;
  const std::size_t lanes = hn::Lanes(d);
  const auto zero = hn::Zero(d);
  auto a = zero, b = zero;
  std::size_t i = 0;
  for (; i + 2 * lanes <= n; i += 2 * lanes) {
    a = hn::MulAdd(hn::LoadU(d, x + i), zero, a);
    b = hn::MulAdd(hn::LoadU(d, x + i + lanes), zero, b);
  }
  if (i + lanes <= n) {
    a = hn::MulAdd(hn::LoadU(d, x + i), zero, a);
    i += lanes;
  }
  if (i < n) b = hn::MulAdd(load_first(d, x + i, n - i), zero, b);
  return hn::AllTrue(d, hn::Eq(hn::Add(a, b), zero));
}

bool finite_f32(const void* x, std::size_t n) { return is_finite(static_cast<const float*>(x), n); }
bool finite_f64(const void* x, std::size_t n) {
  return is_finite(static_cast<const double*>(x), n);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(finite_f32);
HWY_EXPORT(finite_f64);

bool all_finite(DType dtype, const void* x, std::int64_t n) {
  const auto count = static_cast<std::size_t>(n);
  if (dtype == DType::kF32) return HWY_DYNAMIC_DISPATCH(finite_f32)(x, count);
  if (dtype == DType::kF64) return HWY_DYNAMIC_DISPATCH(finite_f64)(x, count);
  return true;
}

}  // namespace hourglass::kernels
#endif
