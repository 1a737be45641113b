#include <algorithm>
#include <cstdint>

#include "tensor/dtype.h"
#include "tensor/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/move/spread_rows.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// y[0] to y[n - 1]; of the numbers behind them, up to `room`, a vector may write the same.
template <class T>
HWY_INLINE void fill_row(T value, std::int64_t n, std::int64_t room, T* y) {
  if constexpr (sizeof(T) == 1) {
    std::fill_n(y, n, value);  // not every target has masks for bytes
  } else {
    const hn::ScalableTag<T> d;
    constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(d));
    const auto v = hn::Set(d, value);
    std::int64_t i = 0;
    for (; i < n && i + kLanes <= room; i += kLanes) hn::StoreU(v, d, y + i);
    for (; i < n; i += kLanes) internal::HWY_NAMESPACE::store_first(d, v, n - i, y + i);
  }
}

// In order, so that what a row wrote of the next one is written over.
template <class T>
void spread(const RowSpread& s, const void* x, void* y, std::int64_t n) {
  const T* const values = static_cast<const T*>(x);
  T* const to = static_cast<T*>(y);
  std::int64_t row = s.row;
  for (std::int64_t i = 0; i < n; i += s.columns) {
    fill_row(values[row], std::min(s.columns, n - i), n - i, to + i);
    if (++row == s.rows) row = 0;
  }
}

void spread_f32(const RowSpread& s, const void* x, void* y, std::int64_t n) {
  spread<float>(s, x, y, n);
}
void spread_f64(const RowSpread& s, const void* x, void* y, std::int64_t n) {
  spread<double>(s, x, y, n);
}
void spread_i32(const RowSpread& s, const void* x, void* y, std::int64_t n) {
  spread<std::int32_t>(s, x, y, n);
}
void spread_u8(const RowSpread& s, const void* x, void* y, std::int64_t n) {
  spread<std::uint8_t>(s, x, y, n);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {
namespace {

HWY_EXPORT(spread_f32);
HWY_EXPORT(spread_f64);
HWY_EXPORT(spread_i32);
HWY_EXPORT(spread_u8);

}  // namespace

void spread_rows(DType dtype, const RowSpread& spread, const void* x, void* y, std::int64_t n) {
  switch (dtype) {
    case DType::kF32:
      return HWY_DYNAMIC_DISPATCH(spread_f32)(spread, x, y, n);
    case DType::kF64:
      return HWY_DYNAMIC_DISPATCH(spread_f64)(spread, x, y, n);
    case DType::kI32:
      return HWY_DYNAMIC_DISPATCH(spread_i32)(spread, x, y, n);
    case DType::kU8:
      break;
  }
  HWY_DYNAMIC_DISPATCH(spread_u8)(spread, x, y, n);
}

}  // namespace hourglass::kernels
#endif
