#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <utility>

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
constexpr std::int64_t kPlanes = 4;          // that are pooled side by side
constexpr std::int64_t kTaskTaps = 1 << 15;  // window elements that are worth handing to a thread

template <class T>
struct Extremes {
  T value[kTile];
  std::int32_t index[kTile];  // -1: nothing seen
};

// The first i >= 0 with i * stride + offset >= limit; stride > 0.
std::int64_t first_reaching(std::int64_t limit, std::int64_t offset, std::int64_t stride) {
  return limit <= offset ? 0 : (limit - offset + stride - 1) / stride;
}

// One window element of each output column, where it is larger, or the first NaN.
template <class T>
void visit_each(const T* x, std::int64_t stride, std::int64_t first_index, std::int64_t n, T* value,
                std::int32_t* index) {
  for (std::int64_t j = 0; j < n; ++j) {
    const T candidate = x[j * stride], best = value[j];
    bool replaces = (index[j] < 0) | (candidate > best);
    if constexpr (std::is_floating_point_v<T>)
      replaces |= (candidate != candidate) & (best == best);
    value[j] = replaces ? candidate : best;
    index[j] = replaces ? static_cast<std::int32_t>(first_index + j * stride) : index[j];
  }
}

// Output columns [first, last) of row i of one plane.
template <class T>
void pool_row(const Pool2d& p, std::int64_t i, std::int64_t first, std::int64_t last, const T* x,
              std::int32_t* indices) {
  Extremes<T> best;
  std::fill_n(best.value, last - first, T{0});
  std::fill_n(best.index, last - first, -1);
  for (std::int64_t kh = 0; kh < p.kernel_h; ++kh) {
    const std::int64_t h = i * p.stride_h - p.pad_top + kh * p.dilation_h;
    if (h < 0 || h >= p.in_h) continue;
    for (std::int64_t kw = 0; kw < p.kernel_w; ++kw) {
      const std::int64_t offset = kw * p.dilation_w - p.pad_left;
      const std::int64_t from = std::max(first, first_reaching(0, offset, p.stride_w));
      const std::int64_t to = std::min(last, first_reaching(p.in_w, offset, p.stride_w));
      if (from >= to) continue;
      const std::int64_t index = h * p.in_w + from * p.stride_w + offset;
      visit_each(x + index, p.stride_w, index, to - from, best.value + from - first,
                 best.index + from - first);
    }
  }
  std::copy_n(best.index, last - first, indices + first);
}

template <class T>
using PoolTag = hn::ScalableTag<T>;
template <class T>
constexpr auto kPoolLanes = static_cast<std::int64_t>(hn::MaxLanes(PoolTag<T>()));

// The first n indices, in the width of their numbers.
template <class T, class V>
HWY_INLINE void store_indices(V v, std::int64_t n, std::int32_t* to) {
  using internal::HWY_NAMESPACE::store_first;
  const hn::RebindToSigned<PoolTag<T>> d;
  if constexpr (sizeof(T) == sizeof(std::int32_t)) {
    store_first(d, v, n, to);
  } else {
    HWY_ALIGN std::int64_t wide[kPoolLanes<T>];
    hn::Store(v, d, wide);
    for (std::int64_t j = 0; j < n; ++j) to[j] = static_cast<std::int32_t>(wide[j]);
  }
}

// The window elements of one tap for a vector of output columns, kStride apart; all may be read.
template <std::int64_t kStride, class T>
HWY_INLINE hn::Vec<PoolTag<T>> load_tap(const T* x) {
  const PoolTag<T> d;
  if constexpr (kStride == 1) return hn::LoadU(d, x);
  return ConcatEven(d, hn::LoadU(d, x + kPoolLanes<T>), hn::LoadU(d, x));
}

// What replaces the best so far, of lanes that have all seen some: what is larger, or the first NaN.
template <class D>
HWY_INLINE hn::Mask<D> beats(D, hn::Vec<D> candidate, hn::Vec<D> best) {
  if constexpr (std::is_floating_point_v<hn::TFromD<D>>) {
    return hn::AndNot(hn::IsNaN(best), hn::Not(hn::Le(candidate, best)));
  } else {
    return hn::Gt(candidate, best);
  }
}

// The extremes of a vector of output columns, `count` of which there are, in the same place of some
// planes one after the other.
template <std::int64_t kStride, class T, std::size_t... plane>
struct PoolVectors {
  using D = PoolTag<T>;
  using DIndex = hn::RebindToSigned<D>;
  using Index = hn::TFromD<DIndex>;
  static constexpr std::int64_t kLanes = kPoolLanes<T>;

  const Pool2d& p;
  std::int64_t count;
  hn::Vec<DIndex> steps;
  hn::Vec<D> best[sizeof...(plane)];
  hn::Vec<DIndex> at[sizeof...(plane)];  // -1: nothing seen
  bool all_seen = false;

  HWY_INLINE PoolVectors(const Pool2d& p, std::int64_t count) : p(p), count(count) {
    const auto each = hn::Iota(DIndex(), 0);
    steps = kStride == 1 ? each : hn::Add(each, each);
    ((best[plane] = hn::Zero(D()), at[plane] = hn::Set(DIndex(), -1)), ...);
  }

  HWY_INLINE void visit(hn::Vec<D> candidate, hn::Vec<DIndex> here, hn::Mask<D> reached,
                        bool inside, std::size_t i) {
    auto replaces = beats(D(), candidate, best[i]);
    if (!all_seen) {
      replaces = hn::Or(replaces, hn::RebindMask(D(), hn::Lt(at[i], hn::Zero(DIndex()))));
    }
    if (!inside) replaces = hn::And(replaces, reached);
    best[i] = hn::IfThenElse(replaces, candidate, best[i]);
    at[i] = hn::IfThenElse(hn::RebindMask(DIndex(), replaces), here, at[i]);
  }

  // The tap at `column` of row h of the first plane, of the vector's first window.
  HWY_INLINE void visit(const T* x, std::int64_t h, std::int64_t column) {
    const std::int64_t index = h * p.in_w + column, numbers = p.in_h * p.in_w;
    const std::int64_t first = std::min(kLanes, first_reaching(0, column, kStride));
    const std::int64_t last = std::min(count, first_reaching(p.in_w, column, kStride));
    const auto here = hn::Add(hn::Set(DIndex(), static_cast<Index>(index)), steps);
    const bool inside = first == 0 && last == count;
    const auto reached = hn::AndNot(hn::FirstN(D(), static_cast<std::size_t>(first)),
                                    hn::FirstN(D(), static_cast<std::size_t>(last)));
    (visit(load_tap<kStride>(x + static_cast<std::int64_t>(plane) * numbers + index), here, reached,
           inside, plane),
     ...);
    all_seen = all_seen || inside;
  }
};

// n output columns, at most a vector, whose windows begin at row `top` and column `left` of a plane
// and of those behind it.
template <std::int64_t kStride, class T, std::size_t... plane>
void pool_vectors(const Pool2d& p, std::int64_t top, std::int64_t left, const T* x, std::int64_t n,
                  std::int32_t* indices, std::index_sequence<plane...>) {
  PoolVectors<kStride, T, plane...> vectors(p, n);
  for (std::int64_t kh = 0; kh < p.kernel_h; ++kh) {
    const std::int64_t h = top + kh * p.dilation_h;
    if (h < 0 || h >= p.in_h) continue;
    for (std::int64_t kw = 0; kw < p.kernel_w; ++kw) {
      vectors.visit(x, h, left + kw * p.dilation_w);
    }
  }
  (store_indices<T>(vectors.at[plane], n,
                    indices + static_cast<std::int64_t>(plane) * p.out_h * p.out_w),
   ...);
}

// May vectors be read at each tap of the windows at this row and column of planes [first, last)?
// They go beyond their rows into others, but not out of the array.
template <std::int64_t kStride, class T>
bool lies_inside(const Pool2d& p, std::int64_t first, std::int64_t last, std::int64_t top,
                 std::int64_t left) {
  const std::int64_t numbers = p.in_h * p.in_w, last_row = top + (p.kernel_h - 1) * p.dilation_h;
  const std::int64_t begin = first * numbers + std::max<std::int64_t>(0, top) * p.in_w + left;
  const std::int64_t end = (last - 1) * numbers + std::min(p.in_h - 1, last_row) * p.in_w + left +
                           (p.kernel_w - 1) * p.dilation_w + kStride * kPoolLanes<T>;
  return begin >= 0 && end <= p.planes * numbers;
}

// Output columns [j, end) of row i of a plane, or of kPlanes, at most a vector of them.
template <std::int64_t kStride, std::int64_t kCount, class T>
void pool_some(const Pool2d& p, std::int64_t plane, std::int64_t i, std::int64_t j,
               std::int64_t end, const T* x, std::int32_t* indices) {
  const std::int64_t numbers = p.in_h * p.in_w, places = p.out_h * p.out_w;
  if constexpr (kStride > 0) {
    const std::int64_t top = i * p.stride_h - p.pad_top, left = j * kStride - p.pad_left;
    if (lies_inside<kStride, T>(p, plane, plane + kCount, top, left)) {
      return pool_vectors<kStride>(p, top, left, x + plane * numbers, end - j,
                                   indices + plane * places + i * p.out_w + j,
                                   std::make_index_sequence<kCount>());
    }
  }
  for (std::int64_t k = plane; k < plane + kCount; ++k) {
    pool_row(p, i, j, end, x + k * numbers, indices + k * places + i * p.out_w);
  }
}

// Row i of planes [first, last), at most kPlanes; a stride of 0 stands for any, without vectors.
template <std::int64_t kStride, class T>
void pool_rows(const Pool2d& p, std::int64_t first, std::int64_t last, std::int64_t i, const T* x,
               std::int32_t* indices) {
  constexpr std::int64_t kWidth = kStride > 0 ? kPoolLanes<T> : kTile;
  for (std::int64_t j = 0; j < p.out_w; j += kWidth) {
    const std::int64_t end = std::min(p.out_w, j + kWidth);
    if (last - first == kPlanes) {
      pool_some<kStride, kPlanes>(p, first, i, j, end, x, indices);
      continue;
    }
    for (std::int64_t plane = first; plane < last; ++plane) {
      pool_some<kStride, 1>(p, plane, i, j, end, x, indices);
    }
  }
}

template <class T>
void pool(const Pool2d& p, const T* x, std::int32_t* indices) {
  const std::int64_t taps = kPlanes * p.out_w * p.kernel_h * p.kernel_w;
  const std::int64_t together =
      std::max<std::int64_t>(1, kTaskTaps / std::max<std::int64_t>(1, taps));
  const std::int64_t groups = (p.planes + kPlanes - 1) / kPlanes;
  auto rows = &pool_rows<0, T>;
  if constexpr (kPoolLanes < T >> 1) {
    if (p.stride_w == 1) rows = &pool_rows<1, T>;
    if (p.stride_w == 2) rows = &pool_rows<2, T>;
  }
  parallel_ranges(groups * p.out_h, together, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t row = first; row < last; ++row) {
      const std::int64_t plane = row / p.out_h * kPlanes;
      rows(p, plane, std::min(plane + kPlanes, p.planes), row % p.out_h, x, indices);
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
