#include "tensor/kernels/move/repeat_numbers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/move/repeat_numbers.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

template <std::int64_t kTimes, class D, class T>
HWY_INLINE void store_repeated(D d, hn::Vec<D> v, T* to) {
  if constexpr (kTimes == 2) hn::StoreInterleaved2(v, v, d, to);
  if constexpr (kTimes == 3) hn::StoreInterleaved3(v, v, v, d, to);
  if constexpr (kTimes == 4) hn::StoreInterleaved4(v, v, v, v, d, to);
}

template <std::int64_t kTimes, class T>
HWY_INLINE void repeat_row(const T* from, std::int64_t n, T* to) {
  const hn::ScalableTag<T> d;
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>()));
  std::int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    store_repeated<kTimes>(d, hn::LoadU(d, from + i), to + kTimes * i);
  }
  if (i == n) return;
  HWY_ALIGN T buffer[kTimes * kLanes];
  store_repeated<kTimes>(d, load_first(d, from + i, n - i), buffer);
  std::copy_n(buffer, kTimes * (n - i), to + kTimes * i);
}

template <std::int64_t kTimes, class T>
void repeat_rows(const RepeatedRows& r, const T* from, T* to) {
  for (std::int64_t i = 0; i < r.outer.size; ++i) {
    for (std::int64_t j = 0; j < r.inner.size; ++j) {
      repeat_row<kTimes>(from + i * r.outer.from + j * r.inner.from, r.columns,
                         to + i * r.outer.to + j * r.inner.to);
    }
  }
}

template <class T>
void repeat_any(const RepeatedRows& rows, const void* from, void* to) {
  const T* const x = static_cast<const T*>(from);
  T* const y = static_cast<T*>(to);
  if (rows.times == 2) return repeat_rows<2>(rows, x, y);
  if (rows.times == 3) return repeat_rows<3>(rows, x, y);
  repeat_rows<4>(rows, x, y);
}

// Floats, since Highway moves their lanes on every target; no bit of them is looked at.
void repeat_4(const RepeatedRows& rows, const void* from, void* to) {
  repeat_any<float>(rows, from, to);
}
void repeat_8(const RepeatedRows& rows, const void* from, void* to) {
  repeat_any<double>(rows, from, to);
}

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(repeat_4);
HWY_EXPORT(repeat_8);

}  // namespace

void repeat_numbers(std::size_t element_size, const RepeatedRows& rows, const void* from,
                    void* to) {
  if (element_size == 4) return HWY_DYNAMIC_DISPATCH(repeat_4)(rows, from, to);
  HWY_DYNAMIC_DISPATCH(repeat_8)(rows, from, to);
}

}  // namespace hourglass::kernels::internal
#endif
