#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::dtype_of;
using hourglass::ThreadScope;
using hourglass::kernels::Pool2d;

template <class T>
std::vector<std::int32_t> run(const Pool2d& p, const std::vector<T>& x) {
  std::vector<std::int32_t> y(static_cast<std::size_t>(p.planes * p.out_h * p.out_w) + 8, 77);
  hourglass::kernels::max_pool2d_indices(dtype_of<T>(), p, x.data(), y.data() + 4);
  for (std::size_t i = 0; i < 4; ++i) CHECK((y[i] == 77 && y[y.size() - 1 - i] == 77));
  return {y.begin() + 4, y.end() - 4};
}

template <class T>
std::vector<std::int32_t> expected(const Pool2d& p, const std::vector<T>& x) {
  std::vector<std::int32_t> y;
  for (std::int64_t plane = 0; plane < p.planes; ++plane) {
    const T* from = x.data() + plane * p.in_h * p.in_w;
    for (std::int64_t i = 0; i < p.out_h; ++i) {
      for (std::int64_t j = 0; j < p.out_w; ++j) {
        std::int64_t best = -1;
        for (std::int64_t tap = 0; tap < p.kernel_h * p.kernel_w; ++tap) {
          const std::int64_t h = i * p.stride_h - p.pad_top + tap / p.kernel_w * p.dilation_h;
          const std::int64_t w = j * p.stride_w - p.pad_left + tap % p.kernel_w * p.dilation_w;
          if (h < 0 || h >= p.in_h || w < 0 || w >= p.in_w) continue;
          const T value = from[h * p.in_w + w];
          const bool nan = value != value;
          if (best < 0 || (nan ? from[best] == from[best] : value > from[best]))
            best = h * p.in_w + w;
        }
        y.push_back(static_cast<std::int32_t>(best));
      }
    }
  }
  return y;
}

}  // namespace

// Few different values, so that windows hold equals; some are NaN or minus infinity.
TEST_CASE_TEMPLATE(
    "max-pooling finds the first largest element of every window, for random geometries", T, float,
    double, std::int32_t) {
  std::mt19937 generator(2);
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  for (int i = 0; i < 300; ++i) {
    Pool2d p{.planes = draw(1, 9),
             .in_h = draw(1, 20),
             .in_w = draw(1, 300),
             .kernel_h = draw(1, 5),
             .kernel_w = draw(1, 5)};
    p.stride_h = draw(1, 3), p.stride_w = draw(1, 3), p.dilation_h = draw(1, 3),
    p.dilation_w = draw(1, 3);
    p.pad_top = draw(0, 3), p.pad_left = draw(0, 3), p.out_h = draw(0, 12), p.out_w = draw(0, 160);
    INFO(fmt::format("case {}: {} planes {}x{} out {}x{}", i, p.planes, p.in_h, p.in_w, p.out_h,
                     p.out_w));
    std::vector<T> x(static_cast<std::size_t>(p.planes * p.in_h * p.in_w));
    for (T& value : x) {
      const std::int64_t die = draw(-6, 5);
      value = static_cast<T>(die);
      if (std::numeric_limits<T>::has_infinity && die <= -5) {
        value =
            die == -6 ? std::numeric_limits<T>::quiet_NaN() : -std::numeric_limits<T>::infinity();
      }
    }
    const std::vector<std::int32_t> reference = expected(p, x);
    on_every_target([&](std::string_view) {
      for (const int threads : {1, 3}) {
        const ThreadScope scope(threads);
        CHECK(run(p, x) == reference);
      }
    });
  }
}

TEST_CASE("a window of minus infinities has an index, a window of nothing has none") {
  const std::vector<float> x(6, -std::numeric_limits<float>::infinity());
  CHECK(run({.in_h = 2, .in_w = 3, .kernel_h = 2, .kernel_w = 2, .out_h = 1, .out_w = 2}, x) ==
        std::vector<std::int32_t>{0, 1});
  CHECK(run({.in_h = 2, .in_w = 3, .stride_w = 3, .pad_left = 3, .out_h = 1, .out_w = 3}, x) ==
        std::vector<std::int32_t>{-1, 0, -1});
}
