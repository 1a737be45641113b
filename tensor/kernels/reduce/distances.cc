// What a search asks of every item: its product with a query, and in how many bits they differ.

#include <cstdint>

#include "tensor/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/reduce/distances.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using internal::HWY_NAMESPACE::load_first;
using internal::HWY_NAMESPACE::store_first;

// 16 logical lanes, as one vector of 64 bytes or several narrower ones.
constexpr std::int64_t kProductLanes = 16;

void products(const float* x, const float* rows, std::int64_t n, std::int64_t width, float* y) {
  const hn::CappedTag<float, kProductLanes> d;
  constexpr std::int64_t kEach = static_cast<std::int64_t>(hn::MaxLanes(d));
  constexpr std::int64_t kVectors = kProductLanes / kEach;
  for (std::int64_t i = 0; i < n; ++i) {
    const float* row = rows + i * width;
    hn::Vec<decltype(d)> sums[kVectors];
    for (auto& sum : sums) sum = hn::Zero(d);
    for (std::int64_t j = 0; j < width; j += kProductLanes) {
      for (std::int64_t v = 0; v < kVectors; ++v) {
        const std::int64_t at = j + v * kEach, left = width - at;
        sums[v] = hn::MulAdd(load_first(d, x + at, left), load_first(d, row + at, left), sums[v]);
      }
    }
    HWY_ALIGN float lanes[kProductLanes];
    for (std::int64_t v = 0; v < kVectors; ++v) hn::Store(sums[v], d, lanes + v * kEach);
    for (std::int64_t half = kProductLanes / 2; half > 0; half /= 2) {
      for (std::int64_t l = 0; l < half; ++l) lanes[l] += lanes[l + half];
    }
    y[i] = lanes[0];
  }
}

void hamming(const std::uint64_t* query, const std::uint64_t* items, std::int64_t words,
             std::int64_t n, std::int64_t stride, std::int32_t* y) {
  const hn::ScalableTag<std::uint64_t> d;
  const hn::Rebind<std::int32_t, decltype(d)> narrow;
  const hn::RebindToUnsigned<decltype(narrow)> narrow_unsigned;
  const auto lanes = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < n; i += lanes) {
    auto sum = hn::Zero(d);
    for (std::int64_t w = 0; w < words; ++w) {
      const auto item = load_first(d, items + w * stride + i, n - i);
      sum = hn::Add(sum, hn::PopulationCount(hn::Xor(item, hn::Set(d, query[w]))));
    }
    store_first(narrow, hn::BitCast(narrow, hn::TruncateTo(narrow_unsigned, sum)), n - i, y + i);
  }
}

}  // namespace
}  // namespace hourglass::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {
namespace {

HWY_EXPORT(products);
HWY_EXPORT(hamming);

}  // namespace

void row_products(const float* x, const float* rows, std::int64_t n, std::int64_t width, float* y) {
  HWY_DYNAMIC_DISPATCH(products)(x, rows, n, width, y);
}

void hamming_distances(const std::uint64_t* query, const std::uint64_t* items, std::int64_t words,
                       std::int64_t n, std::int64_t stride, std::int32_t* y) {
  HWY_DYNAMIC_DISPATCH(hamming)(query, items, words, n, stride, y);
}

}  // namespace hourglass::kernels
#endif
