#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kTile = 128;          // output columns whose extremes are kept at hand
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

// One window element of each output column: x begins at the element that column 0 of the plane
// would be.
template <class T>
void visit_tap(const T* x, std::int64_t stride, std::int64_t first_index, std::int64_t n, T* value,
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
      visit_tap(x + index, p.stride_w, index, to - from, best.value + from - first,
                best.index + from - first);
    }
  }
  std::copy_n(best.index, last - first, indices + first);
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

}  // namespace

void max_pool2d_indices(DType dtype, const Pool2d& p, const void* x, std::int32_t* indices) {
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_same_v<T, std::uint8_t>) pool(p, static_cast<const T*>(x), indices);
  });
}

}  // namespace hourglass::kernels
