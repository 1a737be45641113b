// Convolutions of many images and channels, which gather no patches.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <random>
#include <string_view>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/conv_support.h"
#include "tests/tensor/targets.h"

namespace {

using namespace hourglass::test;
using hourglass::ThreadScope;
using hourglass::kernels::Conv2d;

// Channels for several tiles and vectors of them, images for whole, nearly whole and nearly empty
// blocks; planes so small that taps lie in the padding, or all of them do.
Conv2d many(std::mt19937& generator) {
  const auto draw = [&](std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(generator);
  };
  while (true) {
    Conv2d c{.batch = draw(12, 35), .groups = draw(0, 3) > 0 ? 1 : 2};
    c.in_channels = c.groups * draw(1, 17);
    c.out_channels = c.groups * (draw(0, 2) > 0 ? draw(1, 15) : draw(16, 40));
    c.in_h = draw(1, 6), c.in_w = draw(1, 7);
    c.kernel_h = draw(1, 4), c.kernel_w = draw(1, 4);
    c.stride_h = draw(1, 3), c.stride_w = draw(1, 4);
    c.dilation_h = draw(1, 3), c.dilation_w = draw(1, 3);
    c.pad_top = draw(-1, 4), c.pad_bottom = draw(-1, 4), c.pad_left = draw(-1, 4),
    c.pad_right = draw(-1, 4);
    c = with_output(c, draw(0, 1));
    if (c.out_h > 0 && c.out_w > 0) return c;
  }
}

// Images [first, first + batch) of c.
Conv2d some_images(Conv2d c, std::int64_t batch) {
  c.batch = batch;
  return c;
}
Numbers some_images(const Conv2d& c, const Numbers& n, std::int64_t first, std::int64_t batch) {
  const auto part = [&](const std::vector<double>& values) {
    const std::int64_t image = static_cast<std::int64_t>(values.size()) / c.batch;
    return std::vector<double>(values.begin() + first * image,
                               values.begin() + (first + batch) * image);
  };
  return {part(n.x), n.w, part(n.y)};
}

// Output channels [0, outputs) of c, of one group.
Conv2d some_outputs(Conv2d c, std::int64_t outputs) {
  c.out_channels = outputs;
  return c;
}
Numbers some_outputs(const Conv2d& c, const Numbers& n, std::int64_t outputs) {
  const std::int64_t places = c.out_h * c.out_w;
  const auto weights = static_cast<std::int64_t>(n.w.size()) / c.out_channels;
  Numbers some{n.x, {n.w.begin(), n.w.begin() + outputs * weights}, {}};
  for (std::int64_t b = 0; b < c.batch; ++b) {
    const auto image = n.y.begin() + b * c.out_channels * places;
    some.y.insert(some.y.end(), image, image + outputs * places);
  }
  return some;
}

template <class T>
bool begins_with(const std::vector<T>& all, const std::vector<T>& part) {
  return part.size() <= all.size() &&
         std::memcmp(all.data(), part.data(), part.size() * sizeof(T)) == 0;
}

// Two tiles of rows of one image's patches, whose sums are joined.
const Conv2d kTwoTiles = with_output({.batch = 16,
                                      .in_channels = 33,
                                      .out_channels = 13,
                                      .in_h = 26,
                                      .in_w = 26,
                                      .kernel_h = 3,
                                      .kernel_w = 3,
                                      .pad_top = 1,
                                      .pad_bottom = 1,
                                      .pad_left = 1,
                                      .pad_right = 1});
// Planes of 4 KiB.
const Conv2d kCrowded = with_output({.batch = 3,
                                     .in_channels = 9,
                                     .out_channels = 40,
                                     .in_h = 32,
                                     .in_w = 32,
                                     .kernel_h = 4,
                                     .kernel_w = 4,
                                     .stride_h = 2,
                                     .stride_w = 2,
                                     .pad_top = 1,
                                     .pad_bottom = 1,
                                     .pad_left = 1,
                                     .pad_right = 1});

// So many weights that their sums are made in several parts.
const Conv2d kManyWeights = with_output({.batch = 8,
                                         .in_channels = 64,
                                         .out_channels = 250,
                                         .in_h = 3,
                                         .in_w = 3,
                                         .kernel_h = 3,
                                         .kernel_w = 3,
                                         .pad_top = 1,
                                         .pad_bottom = 1,
                                         .pad_left = 1,
                                         .pad_right = 1});

}  // namespace

TEST_CASE_TEMPLATE(
    "a convolution of many images and its gradients are those of a plain loop, for random "
    "geometries",
    T, float, double) {
  std::mt19937 generator(21);
  for (int i = 0; i < 60; ++i) check_conv<T>(many(generator));
  for (const Conv2d& c : {kTwoTiles, kCrowded, kManyWeights}) check_conv<T>(c);
}

TEST_CASE_TEMPLATE("an image is convolved to the same bits alone and among many", T, float,
                   double) {
  std::mt19937 generator(22);
  for (int i = 0; i < 40; ++i) {
    const Conv2d c = i == 0 ? kTwoTiles : many(generator);
    INFO(describe(c));
    const Numbers n = make_numbers(c);
    for (const Kind kind : {Kind::kForward, Kind::kInputGradient}) {
      const std::vector<T> all = run<T>(kind, c, n);
      std::vector<T> parts;
      for (std::int64_t b = 0; b < c.batch; b += 5) {
        const std::int64_t batch = std::min<std::int64_t>(5, c.batch - b);
        const std::vector<T> part =
            run<T>(kind, some_images(c, batch), some_images(c, n, b, batch));
        parts.insert(parts.end(), part.begin(), part.end());
      }
      CHECK(all.size() == parts.size());
      CHECK(begins_with(all, parts));
    }
  }
}

// So few images that each has a sum of its own, whatever the number of outputs.
TEST_CASE_TEMPLATE("an output's weights have the gradient's same bits alone and among many", T,
                   float, double) {
  std::mt19937 generator(23);
  for (int i = 0; i < 40; ++i) {
    Conv2d c = i == 0 ? kCrowded : many(generator);
    c = some_outputs(some_images(c, 3), 40);
    c.in_channels /= c.groups;
    c.groups = 1;
    INFO(describe(c));
    const Numbers n = make_numbers(c);
    const std::vector<T> all = run<T>(Kind::kWeightGradient, c, n);
    for (const std::int64_t outputs : {1, 3, 11, 12, 23}) {
      CHECK(begins_with(all, run<T>(Kind::kWeightGradient, some_outputs(c, outputs),
                                    some_outputs(c, n, outputs))));
    }
  }
}

TEST_CASE("many images have the same bits on every target with FMA and any number of threads") {
  std::mt19937 generator(24);
  for (std::size_t i = 0; i < 25; ++i) {
    constexpr std::size_t kFixed = 3;
    const Conv2d fixed[kFixed] = {kTwoTiles, kCrowded, kManyWeights};
    const Conv2d c = i < kFixed ? fixed[i] : many(generator);
    INFO(describe(c));
    const Numbers n = make_numbers(c);
    for (const Kind kind : kKinds) {
      const std::vector<float> best = run<float>(kind, c, n);
      on_every_target([&](std::string_view target) {
        for (const int threads : {1, 7}) {
          if (target == "baseline") return;  // it rounds twice where they round once
          const ThreadScope scope(threads);
          CHECK(begins_with(best, run<float>(kind, c, n)));
        }
      });
    }
  }
}
