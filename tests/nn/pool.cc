// Pooling and up-sampling layers against numbers by hand, their gradients by differences, and what
// they say to an input or options that they cannot take.

#include "nn/layers/pool.h"

#include <doctest/doctest.h>

#include "autograd/check/gradcheck.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

using Numbers = std::vector<double>;

Var counted(const Shape& shape) {  // 1, 2, 3, ...
  std::vector<float> values;
  while (std::ssize(values) < shape.elements())
    values.push_back(1 + static_cast<float>(values.size()));
  return constant(Tensor::from(values, shape));
}

template <class Layer>
bool gradient_holds(const Layer& layer, const Shape& shape) {
  const Var x = parameter(normal(key_of(3), "noise", 0, shape)).named("x");
  return gradcheck(sum(square(layer(x)) + layer(x)), {x}).passed;
}

}  // namespace

TEST_CASE("max-pooling takes the largest of each window, of any kernel, stride and padding") {
  const nn::MaxPool2d layer{{.kernel = {2, 3}, .stride = {2, 1}, .padding = {0, 1, 1, 0}}};
  // Of rows 1 2 3, 4 5 6, 7 8 9: one column left and one row below are padding.
  CHECK(layer(-counted({1, 1, 3, 3})).value().values() == Numbers{-1, -1, -7, -7});
  CHECK(layer(counted({1, 1, 3, 3})).value().values() == Numbers{5, 6, 8, 9});
  CHECK(gradient_holds(layer, {2, 3, 5, 4}));
  CHECK(nn::MaxPool2d{}(counted({2, 3, 4, 6})).shape() == Shape{2, 3, 2, 3});

  const nn::MaxPool1d line{{.kernel = 2, .stride = 3, .padding = {1, 0}, .dilation = 2}};
  // Windows of 0 1 2 3 4 5 6, its 0 padding, are (0, 2) and (3, 5).
  CHECK(line(counted({1, 2, 6})).value().values() == Numbers{2, 5, 8, 11});
  CHECK(gradient_holds(line, {2, 2, 7}));
}

TEST_CASE("average-pooling takes the mean of each window, padding as zeros") {
  const nn::AvgPool2d layer{{.kernel = {1, 2}, .stride = {2, 2}, .padding = {0, 0, 1, 0}}};
  CHECK(layer(counted({1, 1, 3, 3})).value().values() == Numbers{0.5, 2.5, 3.5, 8.5});
  CHECK(gradient_holds(layer, {2, 3, 4, 5}));
  const nn::AvgPool1d line{{.kernel = 3, .stride = 1}};
  CHECK(line(counted({1, 2, 4})).value().values() == Numbers{2, 3, 6, 7});
  CHECK(gradient_holds(line, {2, 2, 7}));
}

TEST_CASE("up-sampling repeats each number, or draws lines between them") {
  CHECK(nn::UpsampleNearest1d{3}(counted({1, 2, 2})).value().values() ==
        Numbers{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4});
  CHECK(nn::UpsampleNearest2d{}(counted({1, 1, 1, 2})).value().values() ==
        Numbers{1, 1, 2, 2, 1, 1, 2, 2});
  CHECK(nn::UpsampleBilinear2d{}(counted({1, 1, 1, 2})).value().values() ==
        Numbers{1, 1.25, 1.75, 2, 1, 1.25, 1.75, 2});
  CHECK(gradient_holds(nn::UpsampleNearest1d{3}, {2, 2, 4}));
  CHECK(gradient_holds(nn::UpsampleNearest2d{}, {2, 2, 3, 2}));
  CHECK(gradient_holds(nn::UpsampleBilinear2d{3}, {2, 2, 3, 2}));
}

TEST_CASE("what pooling and up-sampling cannot take is refused in the layer's own name") {
  const Var row = input({8, 784}), image = input({8, 1, 28, 28}), line = input({8, 1, 28});
  const auto refuses = [](const auto& layer, const Var& x, const char* text) {
    CHECK_THROWS_WITH_AS(layer(x), text, Error);
  };
  refuses(nn::MaxPool1d{}, row, "max_pool1d: expected [B, C, L]: got x=[8, 784]");
  refuses(nn::MaxPool2d{}, line, "max_pool2d: expected [B, C, H, W]: got x=[8, 1, 28]");
  refuses(nn::AvgPool1d{}, image, "avg_pool1d: expected [B, C, L]: got x=[8, 1, 28, 28]");
  refuses(nn::AvgPool2d{}, row, "avg_pool2d: expected [B, C, H, W]: got x=[8, 784]");
  refuses(nn::UpsampleNearest1d{}, row, "upsample_nearest1d: expected [B, C, L]: got x=[8, 784]");
  refuses(nn::UpsampleNearest2d{}, row,
          "upsample_nearest2d: expected [B, C, H, W]: got x=[8, 784]");
  refuses(nn::UpsampleBilinear2d{}, Var(),
          "upsample_bilinear2d: expected [B, C, H, W]: got x=none");
  refuses(nn::MaxPool1d{{.kernel = 30}}, line,
          "max_pool1d: the window is larger than the padded input: a=[8, 1, 28]: 30 vs 28");
  refuses(nn::MaxPool1d{{.kernel = 0}}, line,
          "max_pool1d: kernel, stride and dilation must be at least 1, padding at least 0: a=[8, "
          "1, 28]: kernel=[1, 0], stride=[1, 2], padding=[0, 0, 0, 0], dilation=[1, 1]");
  refuses(nn::AvgPool1d{{.kernel = 0}}, line,
          "avg_pool1d: the kernel must be at least 1: a=[8, 1, 28]: 1 by 0");
  refuses(nn::AvgPool2d{{.kernel = {-1, 2}}}, image,
          "avg_pool2d: the kernel must be at least 1: a=[8, 1, 28, 28]: -1 by 2");
  refuses(nn::AvgPool2d{{.stride = {0, 2}}}, image,
          "avg_pool2d: strides and dilations must be at least 1, padding at least 0: a=[8, 1, 28, "
          "28]: stride=[0, 2], padding=[0, 0, 0, 0], dilation=[1, 1], groups=1");
  refuses(nn::AvgPool1d{{.padding = {-1, 0}}}, line,
          "avg_pool1d: strides and dilations must be at least 1, padding at least 0: a=[8, 1, 28]: "
          "stride=[1, 2], padding=[0, 0, -1, 0], dilation=[1, 1], groups=1");
  refuses(nn::AvgPool1d{{.kernel = 30}}, line,
          "avg_pool1d: the kernel is larger than the padded input: a=[8, 1, 28]: 30 vs 28");
  refuses(nn::MaxPool2d{{.padding = {2, 0, 0, 0}}}, image,
          "max_pool2d: padding must be smaller than the window: a=[8, 1, 28, 28]: 2 vs 2");
  refuses(
      nn::AvgPool2d{}, input({8, 1, 28, 28}, DType::kU8),
      "avg_pool2d: numbers must be f32 or f64: a=[8, 1, 28, 28]: got u8: use cast(x, DType::kF32)");
  refuses(
      nn::MaxPool1d{}, input({8, 1, 28}, DType::kI32),
      "max_pool1d: numbers must be f32 or f64: a=[8, 1, 28]: got i32: use cast(x, DType::kF32)");
  refuses(nn::UpsampleNearest1d{0}, line, "upsample_nearest1d: times must be at least 1: got 0");
  refuses(nn::UpsampleNearest2d{-1}, image, "upsample_nearest2d: times must be at least 1: got -1");
  refuses(nn::UpsampleBilinear2d{std::int64_t{1} << 40}, image,
          "upsample_bilinear2d: too many elements: a=[8, 1, 28, 28]: [8, 1, 28, 28, 1099511627776, "
          "1099511627776]: more than 2^59");
  refuses(nn::UpsampleNearest1d{std::int64_t{1} << 60}, line,
          "upsample_nearest1d: too many elements: a=[8, 1, 28]: [8, 1, 28, 1152921504606846976]: "
          "more than 2^59");
}
