#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace {

using hourglass::dtype_of;
using hourglass::ThreadScope;
using hourglass::kernels::Conv2d;

enum class Kind { kForward, kInputGradient, kWeightGradient };
constexpr Kind kKinds[] = {Kind::kForward, Kind::kInputGradient, Kind::kWeightGradient};

std::int64_t x_elements(const Conv2d& c) { return c.batch * c.in_channels * c.in_h * c.in_w; }
std::int64_t y_elements(const Conv2d& c) { return c.batch * c.out_channels * c.out_h * c.out_w; }
std::int64_t w_elements(const Conv2d& c) {
  return c.out_channels * c.in_channels / c.groups * c.kernel_h * c.kernel_w;
}

std::string describe(const Conv2d& c) {
  return fmt::format(
      "batch {} channels {}->{} groups {} in {}x{} kernel {}x{} stride {}x{} dilation {}x{} pad "
      "{},{} out {}x{}",
      c.batch, c.in_channels, c.out_channels, c.groups, c.in_h, c.in_w, c.kernel_h, c.kernel_w,
      c.stride_h, c.stride_w, c.dilation_h, c.dilation_w, c.pad_top, c.pad_left, c.out_h, c.out_w);
}

struct Numbers {
  std::vector<double> x, w, y;
};

// Calls visit(x, w, y) with the indices of every product that the convolution adds up.
template <class F>
void for_each_product(const Conv2d& c, F visit) {
  const std::int64_t in = c.in_channels / c.groups, out = c.out_channels / c.groups;
  for (std::int64_t b = 0; b < c.batch; ++b)
    for (std::int64_t o = 0; o < c.out_channels; ++o)
      for (std::int64_t i = 0; i < c.out_h; ++i)
        for (std::int64_t j = 0; j < c.out_w; ++j)
          for (std::int64_t k = 0; k < in; ++k)
            for (std::int64_t p = 0; p < c.kernel_h; ++p)
              for (std::int64_t q = 0; q < c.kernel_w; ++q) {
                const std::int64_t h = i * c.stride_h - c.pad_top + p * c.dilation_h;
                const std::int64_t w = j * c.stride_w - c.pad_left + q * c.dilation_w;
                if (h < 0 || h >= c.in_h || w < 0 || w >= c.in_w) continue;
                const std::int64_t channel = o / out * in + k;
                visit(((b * c.in_channels + channel) * c.in_h + h) * c.in_w + w,
                      ((o * in + k) * c.kernel_h + p) * c.kernel_w + q,
                      ((b * c.out_channels + o) * c.out_h + i) * c.out_w + j);
              }
}

// The plain loop in f64, and the sum of absolute values that its error is measured by.
struct Reference {
  std::vector<double> value, scale;
};
Reference reference(Kind kind, const Conv2d& c, const Numbers& n) {
  const std::vector<double>& like = kind == Kind::kForward         ? n.y
                                    : kind == Kind::kInputGradient ? n.x
                                                                   : n.w;
  Reference r{std::vector<double>(like.size()), std::vector<double>(like.size())};
  for_each_product(c, [&](std::int64_t x, std::int64_t w, std::int64_t y) {
    const auto at = [](std::int64_t i) { return static_cast<std::size_t>(i); };
    const std::size_t to = at(kind == Kind::kForward ? y : kind == Kind::kInputGradient ? x : w);
    const double product = kind == Kind::kForward         ? n.x[at(x)] * n.w[at(w)]
                           : kind == Kind::kInputGradient ? n.y[at(y)] * n.w[at(w)]
                                                          : n.x[at(x)] * n.y[at(y)];
    r.value[to] += product;
    r.scale[to] += std::abs(product);
  });
  return r;
}

Numbers make_numbers(const Conv2d& c) {
  std::mt19937 generator(4);
  std::uniform_real_distribution<float> uniform(-1, 1);
  const auto draw = [&](std::int64_t n) {
    std::vector<double> values(static_cast<std::size_t>(n));
    for (double& value : values) value = static_cast<double>(uniform(generator));
    return values;
  };
  return {draw(x_elements(c)), draw(w_elements(c)), draw(y_elements(c))};
}

// The kernel's result, which starts as NaN, between guard words.
template <class T>
std::vector<T> run(Kind kind, const Conv2d& c, const Numbers& n) {
  constexpr std::size_t kGuard = 16;
  const std::vector<T> x(n.x.begin(), n.x.end()), w(n.w.begin(), n.w.end()),
      y(n.y.begin(), n.y.end());
  const std::size_t size = kind == Kind::kForward         ? y.size()
                           : kind == Kind::kInputGradient ? x.size()
                                                          : w.size();
  std::vector<T> result(size + 2 * kGuard, std::numeric_limits<T>::quiet_NaN());
  T* const to = result.data() + kGuard;
  if (kind == Kind::kForward) hourglass::kernels::conv2d(dtype_of<T>(), c, x.data(), w.data(), to);
  if (kind == Kind::kInputGradient)
    hourglass::kernels::conv2d_input_gradient(dtype_of<T>(), c, y.data(), w.data(), to);
  if (kind == Kind::kWeightGradient)
    hourglass::kernels::conv2d_weight_gradient(dtype_of<T>(), c, x.data(), y.data(), to);
  const auto is_nan = [](T value) { return std::isnan(value); };
  CHECK(std::all_of(result.begin(), result.begin() + kGuard, is_nan));
  CHECK(std::all_of(result.end() - kGuard, result.end(), is_nan));
  return {result.begin() + kGuard, result.end() - kGuard};
}

template <class T>
void check(const Conv2d& c) {
  INFO(describe(c));
  const Numbers n = make_numbers(c);
  for (const Kind kind : kKinds) {
    const Reference expected = reference(kind, c, n);
    const std::vector<T> got = run<T>(kind, c, n);
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
      const double error = std::abs(static_cast<double>(got[i]) - expected.value[i]);
      const double bound =
          8 * static_cast<double>(std::numeric_limits<T>::epsilon()) * expected.scale[i];
      wrong += error <= bound ? 0 : 1;
    }
    INFO(fmt::format("{} kind {}", name_of(dtype_of<T>()), static_cast<int>(kind)));
    CHECK(wrong == 0);
  }
}

Conv2d with_output(Conv2d c, std::int64_t output_padding = 0) {
  const auto size = [](std::int64_t in, std::int64_t pads, std::int64_t kernel,
                       std::int64_t dilation, std::int64_t stride) {
    return std::max<std::int64_t>(0, (in + pads - dilation * (kernel - 1) - 1) / stride + 1);
  };
  c.out_h =
      size(c.in_h - output_padding, c.pad_top + c.pad_bottom, c.kernel_h, c.dilation_h, c.stride_h);
  c.out_w =
      size(c.in_w - output_padding, c.pad_left + c.pad_right, c.kernel_w, c.dilation_w, c.stride_w);
  return c;
}

Conv2d random_geometry(std::mt19937& generator) {
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  while (true) {
    Conv2d c{.batch = draw(1, 5), .groups = draw(1, 3)};
    c.in_channels = c.groups * draw(1, 4);
    c.out_channels = c.groups * draw(1, 4);
    c.in_h = draw(1, 23), c.in_w = draw(1, 41);
    c.kernel_h = draw(1, 5), c.kernel_w = draw(1, 5);
    c.stride_h = draw(1, 3), c.stride_w = draw(1, 4);
    c.dilation_h = draw(1, 3), c.dilation_w = draw(1, 3);
    c.pad_top = draw(-1, 4), c.pad_bottom = draw(-1, 4), c.pad_left = draw(-1, 4),
    c.pad_right = draw(-1, 4);
    c = with_output(c, draw(0, 1));
    if (c.out_h > 0 && c.out_w > 0) return c;
  }
}

const Conv2d kMnist1 = with_output({.batch = 20,
                                    .out_channels = 16,
                                    .in_h = 28,
                                    .in_w = 28,
                                    .kernel_h = 3,
                                    .kernel_w = 3,
                                    .stride_h = 2,
                                    .stride_w = 2,
                                    .pad_top = 1,
                                    .pad_bottom = 1,
                                    .pad_left = 1,
                                    .pad_right = 1});
const Conv2d kMnist2 = with_output({.batch = 20,
                                    .in_channels = 16,
                                    .out_channels = 32,
                                    .in_h = 14,
                                    .in_w = 14,
                                    .kernel_h = 3,
                                    .kernel_w = 3,
                                    .stride_h = 2,
                                    .stride_w = 2,
                                    .pad_top = 1,
                                    .pad_bottom = 1,
                                    .pad_left = 1,
                                    .pad_right = 1});
const Conv2d kMnist3 = with_output({.batch = 20,
                                    .in_channels = 32,
                                    .out_channels = 64,
                                    .in_h = 7,
                                    .in_w = 7,
                                    .kernel_h = 7,
                                    .kernel_w = 7});
// One image's patches are several tiles of rows, also with a stride and with overlapping rows.
const Conv2d kLarge = with_output({.batch = 2,
                                   .in_channels = 12,
                                   .out_channels = 5,
                                   .in_h = 75,
                                   .in_w = 70,
                                   .kernel_h = 5,
                                   .kernel_w = 5,
                                   .stride_h = 2,
                                   .dilation_h = 2,
                                   .pad_top = 3,
                                   .pad_bottom = 2,
                                   .pad_left = 2,
                                   .pad_right = 2});
const Conv2d kPointwise = with_output(
    {.batch = 3, .in_channels = 6, .out_channels = 8, .groups = 2, .in_h = 9, .in_w = 11});
const Conv2d kDepthwise = with_output({.batch = 9,
                                       .in_channels = 24,
                                       .out_channels = 24,
                                       .groups = 24,
                                       .in_h = 10,
                                       .in_w = 10,
                                       .kernel_h = 3,
                                       .kernel_w = 3,
                                       .pad_top = 1,
                                       .pad_bottom = 1,
                                       .pad_left = 1,
                                       .pad_right = 1});
const Conv2d kLongKernel = with_output({.batch = 2,
                                        .in_channels = 2,
                                        .out_channels = 3,
                                        .in_w = 90,
                                        .kernel_w = 39,
                                        .stride_w = 2,
                                        .pad_left = 20,
                                        .pad_right = 20});

}  // namespace

TEST_CASE_TEMPLATE(
    "a convolution and its gradients are those of a plain loop, for random geometries", T, float,
    double) {
  std::mt19937 generator(11);
  for (int i = 0; i < 200; ++i) check<T>(random_geometry(generator));
}

TEST_CASE_TEMPLATE(
    "a convolution of several tiles, of a dense, a pointwise or a long kernel is that of a plain "
    "loop",
    T, float, double) {
  for (const Conv2d& c : {kMnist1, kMnist2, kMnist3, kLarge, kPointwise, kDepthwise, kLongKernel})
    check<T>(c);
}

TEST_CASE("a kernel that nearly makes a dense or a pointwise layer is neither") {
  const Conv2d whole{.batch = 3,
                     .in_channels = 2,
                     .out_channels = 3,
                     .in_h = 3,
                     .in_w = 3,
                     .kernel_h = 3,
                     .kernel_w = 3};
  const Conv2d point{.batch = 3,
                     .in_channels = 2,
                     .out_channels = 3,
                     .in_h = 3,
                     .in_w = 3,
                     .out_h = 3,
                     .out_w = 3};
  for (Conv2d c : {whole, point}) {
    check<float>(c);
    for (std::int64_t Conv2d::*field :
         {&Conv2d::pad_top, &Conv2d::pad_left, &Conv2d::stride_h, &Conv2d::stride_w,
          &Conv2d::dilation_h, &Conv2d::dilation_w, &Conv2d::in_h, &Conv2d::in_w, &Conv2d::out_h,
          &Conv2d::out_w, &Conv2d::kernel_h, &Conv2d::kernel_w}) {
      Conv2d other = c;
      ++(other.*field);
      check<float>(other);
    }
  }
}

TEST_CASE_TEMPLATE("a convolution has the same bits on any number of threads", T, float, double) {
  for (const Conv2d& c : {kMnist1, kMnist2, kMnist3, kLarge, kPointwise, kDepthwise}) {
    const Numbers n = make_numbers(c);
    for (const Kind kind : kKinds) {
      const ThreadScope scope(1);
      const std::vector<T> one = run<T>(kind, c, n);
      for (const int threads : {2, 3, 8}) {
        const ThreadScope several(threads);
        CHECK(std::memcmp(one.data(), run<T>(kind, c, n).data(), one.size() * sizeof(T)) == 0);
      }
    }
  }
}

// Targets with FMA agree to the bit. The baseline rounds twice where they round once.
TEST_CASE("on every CPU target a convolution is the same") {
  std::mt19937 generator(12);
  for (int i = 0; i < 40; ++i) {
    const Conv2d c = random_geometry(generator);
    const Numbers n = make_numbers(c);
    for (const Kind kind : kKinds) {
      std::vector<float> best;
      for (const std::string_view target : hourglass::kernels::cpu_targets()) {
        hourglass::kernels::set_cpu_target(target);
        const std::vector<float> got = run<float>(kind, c, n);
        if (best.empty()) best = got;
        if (target == "baseline") {
          for (std::size_t j = 0; j < got.size(); ++j) CHECK(std::abs(got[j] - best[j]) < 1e-4F);
        } else {
          CHECK(std::memcmp(best.data(), got.data(), got.size() * sizeof(float)) == 0);
        }
      }
    }
  }
  hourglass::kernels::set_cpu_target("best");
}

TEST_CASE("a NaN reaches the outputs that see it and no others") {
  const Conv2d c = with_output({.batch = 3,
                                .in_channels = 2,
                                .out_channels = 2,
                                .in_h = 6,
                                .in_w = 6,
                                .kernel_h = 2,
                                .kernel_w = 2});
  Numbers n = make_numbers(c);
  n.x[2 * 36 + 14] =
      std::numeric_limits<double>::quiet_NaN();  // image 1, channel 0, row 2, column 2
  const std::vector<float> y = run<float>(Kind::kForward, c, n);
  std::vector<bool> touched(y.size());
  for_each_product(c, [&](std::int64_t x, std::int64_t, std::int64_t out) {
    if (x == 2 * 36 + 14) touched[static_cast<std::size_t>(out)] = true;
  });
  for (std::size_t i = 0; i < y.size(); ++i) CHECK(std::isnan(y[i]) == touched[i]);
}

TEST_CASE("nothing convolves to zero") {
  Conv2d c = with_output({.batch = 0,
                          .in_channels = 2,
                          .out_channels = 3,
                          .in_h = 4,
                          .in_w = 4,
                          .kernel_h = 2,
                          .kernel_w = 2});
  CHECK(run<float>(Kind::kForward, c, make_numbers(c)).empty());
  CHECK(run<float>(Kind::kInputGradient, c, make_numbers(c)).empty());
  CHECK(run<float>(Kind::kWeightGradient, c, make_numbers(c)) == std::vector<float>(24));
  c.batch = 2;
  c.out_w = 0;
  CHECK(run<float>(Kind::kForward, c, make_numbers(c)).empty());
  CHECK(run<float>(Kind::kInputGradient, c, make_numbers(c)) == std::vector<float>(64));
  CHECK(run<float>(Kind::kWeightGradient, c, make_numbers(c)) == std::vector<float>(24));
  c.out_w = 3;
  c.in_channels = 0;
  CHECK(run<float>(Kind::kForward, c, make_numbers(c)) == std::vector<float>(54));
}
