#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/conv_support.h"

namespace {

using namespace hourglass::test;
using hourglass::ThreadScope;
using hourglass::kernels::Conv2d;

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
  for (int i = 0; i < 200; ++i) check_conv<T>(random_geometry(generator));
}

TEST_CASE_TEMPLATE(
    "a convolution of several tiles, of a dense, a pointwise or a long kernel is that of a plain "
    "loop",
    T, float, double) {
  for (const Conv2d& c : {kMnist1, kMnist2, kMnist3, kLarge, kPointwise, kDepthwise, kLongKernel})
    check_conv<T>(c);
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
    check_conv<float>(c);
    for (std::int64_t Conv2d::*field :
         {&Conv2d::pad_top, &Conv2d::pad_left, &Conv2d::stride_h, &Conv2d::stride_w,
          &Conv2d::dilation_h, &Conv2d::dilation_w, &Conv2d::in_h, &Conv2d::in_w, &Conv2d::out_h,
          &Conv2d::out_w, &Conv2d::kernel_h, &Conv2d::kernel_w}) {
      Conv2d other = c;
      ++(other.*field);
      check_conv<float>(other);
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
