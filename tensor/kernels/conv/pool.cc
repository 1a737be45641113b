#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/conv/pool.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::int64_t kTile = 128;          // output columns whose extremes are kept at hand
constexpr std::int64_t kTaskTaps = 1 << 15;  // window elements that are worth handing to a thread

// With room for what the last vector writes.
template <class T>
struct Extremes {
  using Index = hwy::MakeSigned<T>;
  T value[kTile + HWY_MAX_BYTES / sizeof(T)];
  Index index[kTile + HWY_MAX_BYTES / sizeof(T)];  // -1: nothing seen
};

// The first i >= 0 with i * stride + offset >= limit; stride > 0.
std::int64_t first_reaching(std::int64_t limit, std::int64_t offset, std::int64_t stride) {
  return limit <= offset ? 0 : (limit - offset + stride - 1) / stride;
}

// One window element of each output column, where it is larger, or the first NaN.
template <class T, class Index>
void visit_each(const T* x, std::int64_t stride, std::int64_t first_index, std::int64_t n, T* value,
                Index* index) {
  for (std::int64_t j = 0; j < n; ++j) {
    const T candidate = x[j * stride], best = value[j];
    bool replaces = (index[j] < 0) | (candidate > best);
    if constexpr (std::is_floating_point_v<T>)
      replaces |= (candidate != candidate) & (best == best);
    value[j] = replaces ? candidate : best;
    index[j] = replaces ? static_cast<Index>(first_index + j * stride) : index[j];
  }
}

// x[0], x[stride], ... for a stride of 1 or 2: those of the first n that there are. Never reads
// beyond them.
template <class D, class T>
HWY_INLINE hn::Vec<D> load_every(D d, const T* x, std::int64_t stride, std::int64_t n) {
  using internal::HWY_NAMESPACE::load_first;
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));
  if (stride == 1) return load_first(d, x, n);
  const auto low = load_first(d, x, 2 * n - 1);  // its even places, then the odd ones of:
  const auto high = load_first(d, x + kLanes - 1, 2 * n - kLanes);
  return ConcatUpperLower(d, ConcatOdd(d, high, high), ConcatEven(d, low, low));
}

// The same, vectors at a time.
template <class T, class Index>
void visit_tap(const T* x, std::int64_t stride, std::int64_t first_index, std::int64_t n, T* value,
               Index* index) {
  const hn::ScalableTag<T> d;
  constexpr auto kLanes = static_cast<std::int64_t>(hn::MaxLanes(hn::ScalableTag<T>()));
  if constexpr (kLanes == 1) {
    visit_each(x, stride, first_index, n, value, index);
  } else {
    if (stride > 2) return visit_each(x, stride, first_index, n, value, index);
    const hn::RebindToSigned<decltype(d)> di;
    const auto each = hn::Iota(di, 0), steps = stride == 1 ? each : hn::Add(each, each);
    for (std::int64_t j = 0; j < n; j += kLanes) {
      const auto candidate = load_every(d, x + j * stride, stride, n - j);
      const auto best = hn::LoadU(d, value + j);
      const auto at = hn::LoadU(di, index + j);
      auto replaces = hn::Or(hn::RebindMask(d, hn::Lt(at, hn::Zero(di))), hn::Gt(candidate, best));
      if constexpr (std::is_floating_point_v<T>) {
        replaces = hn::Or(replaces, hn::AndNot(hn::IsNaN(best), hn::IsNaN(candidate)));
      }
      replaces = hn::And(replaces, hn::FirstN(d, static_cast<std::size_t>(n - j)));
      const auto here = hn::Add(hn::Set(di, static_cast<Index>(first_index + j * stride)), steps);
      hn::StoreU(hn::IfThenElse(replaces, candidate, best), d, value + j);
      hn::StoreU(hn::IfThenElse(hn::RebindMask(di, replaces), here, at), di, index + j);
    }
  }
}

// Output columns [first, last) of row i of one plane.
template <class T>
void pool_row(const Pool2d& p, std::int64_t i, std::int64_t first, std::int64_t last, const T* x,
              std::int32_t* indices) {
  Extremes<T> best;
  std::fill_n(best.value, last - first, T{0});
  std::fill_n(best.index, last - first, typename Extremes<T>::Index{-1});
  for (std::int64_t kh = 0; kh < p.kernel_h; ++kh) {
    const std::int64_t h = i * p.stride_h - p.pad_top + kh * p.dilation_h;
    if (h < 0 || h >= p.in_h) continue;
    for (std::int64_t kw = 0; kw < p.kernel_w; ++kw) {
      const std::int64_t offset = kw * p.dilation_w - p.pad_left;
      const std::int64_t from = std::max(first, first_reaching(0, offset, p.stride_w));
      const std::int64_t to = std::min(last, first_reaching(p.in_w, offset, p.stride_w));
      if (from >= to) continue;
      const std::int64_t index = h * p.in_w + from * p.stride_w + offset;
      visit_tap(x + index, p.stride_w, index, to - from, best.value + from - first,
                best.index + from - first);
    }
  }
  for (std::int64_t j = first; j < last; ++j) {
    indices[j] = static_cast<std::int32_t>(best.index[j - first]);
  }
}

template <class T>
void pool(const Pool2d& p, const T* x, std::int32_t* indices) {
  const std::int64_t taps = p.out_w * p.kernel_h * p.kernel_w;
  const std::int64_t together =
      std::max<std::int64_t>(1, kTaskTaps / std::max<std::int64_t>(1, taps));
  parallel_ranges(p.planes * p.out_h, together, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const T* const plane = x + row / p.out_h * p.in_h * p.in_w;
      for (std::int64_t j = 0; j < p.out_w; j += kTile) {
        pool_row(p, row % p.out_h, j, std::min(p.out_w, j + kTile), plane, indices + row * p.out_w);
      }
    }
  });
}

void pool_f32(const Pool2d& p, const void* x, std::int32_t* indices) {
  pool(p, static_cast<const float*>(x), indices);
}
void pool_f64(const Pool2d& p, const void* x, std::int32_t* indices) {
  pool(p, static_cast<const double*>(x), indices);
}
void pool_i32(const Pool2d& p, const void* x, std::int32_t* indices) {
  pool(p, static_cast<const std::int32_t*>(x), indices);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {
namespace {

HWY_EXPORT(pool_f32);
HWY_EXPORT(pool_f64);
HWY_EXPORT(pool_i32);

}  // namespace

void max_pool2d_indices(DType dtype, const Pool2d& p, const void* x, std::int32_t* indices) {
  if (dtype == DType::kF32) return HWY_DYNAMIC_DISPATCH(pool_f32)(p, x, indices);
  if (dtype == DType::kF64) return HWY_DYNAMIC_DISPATCH(pool_f64)(p, x, indices);
  HWY_DYNAMIC_DISPATCH(pool_i32)(p, x, indices);
}

}  // namespace hourglass::kernels
#endif
