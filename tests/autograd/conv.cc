#include "autograd/ops/conv.h"

#include <doctest/doctest.h>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/autograd/support.h"

using namespace hourglass;

namespace {

Var random(const Shape& shape, std::uint32_t stream) {
  return parameter(uniform(key_of(5), {"random", stream}, 0, shape, -1, 1, DType::kF64));
}

double worst(const Var& a, const Var& b) { return max(abs(a - b)).value().item(); }

}  // namespace

TEST_CASE("a batch of convolutions is the convolutions one by one, over images, weights or both") {
  const ConvOptions o{.stride = {2, 1}, .padding = {1, 0, 1, 2}, .groups = 2};
  const Var x = random({2, 4, 5, 6}, 1), w = random({6, 2, 3, 2}, 2);
  const Var xs = random({3, 2, 4, 5, 6}, 3), ws = random({3, 6, 2, 3, 2}, 4);
  const auto slice_of = [](const Var& batch, std::int64_t i) {
    const Var one = slice(batch, 0, {i, i + 1});
    return reshape(one, one.shape().without_axis(0));
  };
  const Var y = conv2d(x, w, o);
  const std::vector<Var> outputs = {y, grad(sum(square(y)), x), grad(sum(square(y)), w)};
  for (const Var& output : outputs) {
    const Var over_x = vmap(output, {x}, {xs});
    const Var over_w = vmap(output, {w}, {ws});
    const Var over_both = vmap(output, {x, w}, {xs, ws});
    for (std::int64_t i = 0; i < 3; ++i) {
      CHECK(worst(slice_of(over_x, i), substitute(output, {x}, {slice_of(xs, i)})) < 1e-12);
      CHECK(worst(slice_of(over_w, i), substitute(output, {w}, {slice_of(ws, i)})) < 1e-12);
      CHECK(worst(slice_of(over_both, i),
                  substitute(output, {x, w}, {slice_of(xs, i), slice_of(ws, i)})) < 1e-11);
    }
  }
}

TEST_CASE("max-pooling takes the largest of each window and unpooling puts it back") {
  const Var x = constant(
      Tensor::from<double>({1, 5, 2, 0, 3, 4, 9, 7, 6, 6, 8, 1, 6, 2, 0, 3}, {1, 1, 4, 4}));
  const MaxPool pooled = max_pool2d(x);
  CHECK(pooled.values.value().values() == std::vector<double>{5, 9, 6, 8});
  CHECK(pooled.indices.value().values() ==
        std::vector<double>{1, 6, 8, 10});  // the first of equals
  const Var back = max_unpool2d(pooled.values, pooled.indices, {4, 4});
  CHECK(back.value().values() ==
        std::vector<double>{0, 5, 0, 0, 0, 0, 9, 0, 6, 0, 8, 0, 0, 0, 0, 0});
}

TEST_CASE("averages count padding as zeros; nearest repeats; bilinear keeps a plane") {
  const Var x = constant(Tensor::from<double>({1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 1, 3, 3}));
  const Var mean2 = avg_pool2d(x, {{2, 2}, {2, 2}, {0, 1, 0, 1}, {1, 1}});
  CHECK(mean2.value().values() == std::vector<double>{3, 2.25, 3.75, 2.25});
  const Var twice = upsample_nearest2d(x, 2);
  CHECK(twice.shape() == Shape{1, 1, 6, 6});
  CHECK(slice(twice, 2, {1, 2}).value().values() == std::vector<double>{1, 1, 2, 2, 3, 3});
  // Of a linear ramp away from the edges, bilinear interpolation is exact: pixel centres at (i +
  // 1/2) / 2 - 1/2.
  const Tensor smooth = upsample_bilinear2d(x, {6, 6}).value();
  for (std::int64_t i = 1; i < 5; ++i) {
    for (std::int64_t j = 1; j < 5; ++j) {
      const double row = (static_cast<double>(i) + 0.5) / 2 - 0.5;
      const double column = (static_cast<double>(j) + 0.5) / 2 - 0.5;
      CHECK(smooth.at(i * 6 + j) == doctest::Approx(1 + 3 * row + column).epsilon(1e-14));
    }
  }
}

TEST_CASE("a bias is one number a channel, whatever follows") {
  const Var y = random({2, 3, 4, 5}, 1), b = random({3}, 2);
  CHECK(worst(channel_bias(y, b), y + reshape(b, {1, 3, 1, 1})) == 0);
  CHECK(channel_bias(random({2, 3, 4}, 3), b).shape() == Shape{2, 3, 4});
  CHECK_THROWS_WITH_AS(channel_bias(y, random({4}, 4)),
                       "channel_bias: needs one number a channel: a=[2, 3, 4, 5], b=[4]", Error);
}

TEST_CASE("one-dimensional convolutions run on the same kernels") {
  const Var x = constant(Tensor::from<double>({1, 2, 3, 4}, {1, 1, 4}));
  const Var w = constant(Tensor::from<double>({1, -1, 2}, {1, 1, 3}));
  CHECK(conv1d(x, w, {.padding = {1, 0}}).value().values() == std::vector<double>{3, 5, 7});
  const Var back =
      conv_transpose1d(constant(Tensor::from<double>({1, 1}, {1, 1, 2})), w, {.stride = 2});
  CHECK(back.value().values() == std::vector<double>{1, -1, 3, -1, 2});
}

TEST_CASE("output_padding may be as long as the stride where the dilation is longer, in 1-d too") {
  // Places 0 1 2 3 of x meet taps 0, 2 and 4 further on; one more pixel lies behind them.
  const Var x = constant(Tensor::from<double>({1, 10, 100, 1000}, {1, 1, 4}));
  const Var w = parameter(Tensor::from<double>({1, 2, 3}, {1, 1, 3}));
  const Var y = conv_transpose1d(x, w, {.dilation = 2}, 1);
  CHECK(testing::run_both(y).values() ==
        std::vector<double>{1, 10, 102, 1020, 203, 2030, 300, 3000, 0});
  const Var cut = conv_transpose1d(x, w, {.padding = {2, 2}, .dilation = 2}, 1);
  CHECK(testing::run_both(cut).values() == std::vector<double>{102, 1020, 203, 2030, 300});
  CHECK(testing::run_both(grad(sum(y), w)).values() == std::vector<double>{1111, 1111, 1111});
  const ConvOptions wide{.padding = {1, 1, 1, 1}, .dilation = {2, 2}};
  CHECK(conv_transpose2d(input({1, 3, 5, 5}), input({3, 2, 3, 3}), wide, {1, 1}).shape() ==
        Shape{1, 2, 8, 8});
}

TEST_CASE("a convolution that cannot be says which sizes do not fit") {
  const Var x = input({2, 4, 5, 5}), w = input({6, 2, 3, 3});
  CHECK_THROWS_WITH_AS(
      conv2d(x, w),
      "conv2d: input channels differ: a=[2, 4, 5, 5], b=[6, 2, 3, 3]: 4 vs 2 a group x 1 "
      "groups",
      Error);
  CHECK_THROWS_WITH_AS(conv2d(x, input({5, 2, 3, 3}), {.groups = 2}),
                       "conv2d: output channels must be a multiple of groups: a=[2, 4, 5, 5], "
                       "b=[5, 2, 3, 3]: 5 vs 2",
                       Error);
  CHECK_THROWS_WITH_AS(conv2d(x, input({6, 4, 7, 3})),
                       "conv2d: the kernel is larger than the padded input: a=[2, 4, 5, 5], "
                       "b=[6, 4, 7, 3]: 7 vs 5",
                       Error);
  CHECK_THROWS_WITH_AS(conv2d(x, input({4, 3, 3})),
                       "conv2d: needs four axes: a=[2, 4, 5, 5], b=[4, 3, 3]: rank 3", Error);
  CHECK_THROWS_WITH_AS(
      conv2d(x, input({6, 4, 3, 3}), same_conv(0, 1)),
      "conv2d: strides and dilations must be at least 1, padding at least 0: a=[2, 4, 5, 5], "
      "b=[6, 4, 3, 3]: stride=[0, 0], padding=[1, 1, 1, 1], dilation=[1, 1], groups=1",
      Error);
  CHECK_THROWS_WITH_AS(
      conv_transpose2d(x, input({4, 3, 2, 2}), same_conv(2, 0), {2, 0}),
      "conv_transpose2d: output_padding must be less than the stride or the dilation: "
      "a=[2, 4, 5, 5], b=[4, 3, 2, 2]: 2 vs 2",
      Error);
  CHECK_THROWS_WITH_AS(
      max_pool2d(x, {{2, 2}, {2, 2}, {2, 0, 0, 0}, {1, 1}}),
      "max_pool2d: padding must be smaller than the window: a=[2, 4, 5, 5]: 2 vs 2", Error);
}
