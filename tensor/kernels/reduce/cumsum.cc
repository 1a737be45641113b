#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kTile = 256;            // running sums that go along side by side
constexpr std::int64_t kTaskElements = 32768;  // what is worth handing to a thread

// Reals add in f64, so that the error does not grow with the length; integers wrap around.
template <class T>
using Accumulator = std::conditional_t<std::is_floating_point_v<T>, double, std::uint32_t>;

struct Steps {
  std::int64_t n = 0;     // steps along the axis
  std::int64_t step = 0;  // elements from one to the next, negative when run from the end
  bool exclusive = false;
};

// `lanes` neighbouring columns at once: their sums wait for nothing but themselves.
template <class T>
void run_columns(const Steps& s, std::int64_t lanes, const T* x, T* y) {
  Accumulator<T> sums[kTile] = {};
  for (std::int64_t j = 0; j < s.n; ++j, x += s.step, y += s.step) {
    for (std::int64_t i = 0; i < lanes; ++i) {
      const Accumulator<T> before = sums[i];
      sums[i] = before + static_cast<Accumulator<T>>(x[i]);
      y[i] = static_cast<T>(s.exclusive ? before : sums[i]);
    }
  }
}

// Four rows at once hide the latency of an addition.
template <class T, int kRows>
void run_rows(const Steps& s, std::int64_t row, const T* x, T* y) {
  Accumulator<T> sums[kRows] = {};
  for (std::int64_t j = 0; j < s.n; ++j, x += s.step, y += s.step) {
    for (int r = 0; r < kRows; ++r) {
      const Accumulator<T> before = sums[r];
      sums[r] = before + static_cast<Accumulator<T>>(x[r * row]);
      y[r * row] = static_cast<T>(s.exclusive ? before : sums[r]);
    }
  }
}

template <class T>
void cumsum_rows(const Steps& s, std::int64_t rows, const T* x, T* y) {
  const std::int64_t start = s.step < 0 ? s.n - 1 : 0;
  const std::int64_t fours = (rows + 3) / 4;
  const std::int64_t grain = std::max<std::int64_t>(1, kTaskElements / (4 * s.n));
  parallel_ranges(fours, grain, [&](std::int64_t first, std::int64_t last) {
    std::int64_t r = 4 * first;
    const std::int64_t end = std::min(rows, 4 * last);
    for (; r + 4 <= end; r += 4) run_rows<T, 4>(s, s.n, x + r * s.n + start, y + r * s.n + start);
    for (; r < end; ++r) run_rows<T, 1>(s, s.n, x + r * s.n + start, y + r * s.n + start);
  });
}

template <class T>
void cumsum_columns(const Steps& s, std::int64_t outer, std::int64_t inner, const T* x, T* y) {
  const std::int64_t start = s.step < 0 ? (s.n - 1) * inner : 0;
  const std::int64_t tiles = (inner + kTile - 1) / kTile;
  const std::int64_t grain =
      std::max<std::int64_t>(1, kTaskElements / (s.n * std::min(inner, kTile)));
  parallel_ranges(outer * tiles, grain, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t item = first; item < last; ++item) {
      const std::int64_t column = item % tiles * kTile;
      const std::int64_t offset = item / tiles * s.n * inner + start + column;
      run_columns(s, std::min(kTile, inner - column), x + offset, y + offset);
    }
  });
}

}  // namespace

void cumsum(DType dtype, const void* x, void* y, std::int64_t outer, std::int64_t n,
            std::int64_t inner, bool exclusive, bool reverse) {
  if (outer == 0 || n == 0 || inner == 0) return;
  const Steps steps{.n = n, .step = reverse ? -inner : inner, .exclusive = exclusive};
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (!std::is_same_v<T, std::uint8_t>) {
      const T* from = static_cast<const T*>(x);
      T* to = static_cast<T*>(y);
      inner == 1 ? cumsum_rows(steps, outer, from, to)
                 : cumsum_columns(steps, outer, inner, from, to);
    }
  });
}

}  // namespace hourglass::kernels
