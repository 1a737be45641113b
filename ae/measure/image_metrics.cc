#include "ae/measure/image_metrics.h"

#include <fmt/core.h>

#include <cmath>

#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "nn/train/evaluation.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr double kDeviation = 1.5;
constexpr double kC1 = 0.01 * 0.01;
constexpr double kC2 = 0.03 * 0.03;

// Weights of one axis; the window is their outer product, which sums to 1.
std::vector<double> gaussian_weights() {
  std::vector<double> weights;
  double total = 0;
  for (std::int64_t i = 0; i < kSsimWindow; ++i) {
    const double distance = static_cast<double>(i - kSsimWindow / 2);
    weights.push_back(std::exp(-distance * distance / (2 * kDeviation * kDeviation)));
    total += weights.back();
  }
  for (double& w : weights) w /= total;
  return weights;
}

// Local means [B, 1, H - 10, W - 10] of images [B, 1, H, W].
Var local_mean(const Var& x) {
  const Tensor weights = Tensor::from<double>(gaussian_weights(), {kSsimWindow});
  const Var down = constant(weights.reshape({1, 1, kSsimWindow, 1}));
  const Var across = constant(weights.reshape({1, 1, 1, kSsimWindow}));
  return conv2d(conv2d(x, down), across);
}

Var pixels_in_f64(const Var& stored) {
  return stored.dtype() == DType::kU8 ? scale_u8(stored, DType::kF64) : cast(stored, DType::kF64);
}

Var as_pixels(const Var& stored) {
  const Var x = pixels_in_f64(stored);
  return reshape(x, {x.size(0), 1, x.size(1), x.size(2)});
}

// A number of each pair of images, by a function of a batch of both.
template <class F>
std::vector<double> of_pairs(const Tensor& a, const Tensor& b, std::int64_t batch, F&& f) {
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return Graph{{f(inputs[0], inputs[1])}, {}};
  });
  std::vector<double> each;
  nn::for_row_batches(program, {a, b}, batch,
                      [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t) {
                        const std::vector<double> part = values[0].values();
                        each.insert(each.end(), part.begin(), part.end());
                      });
  return each;
}

// Equation 13 of the paper at every place, averaged over the places.
Var similarity(const Var& a, const Var& b) {
  const Var mean_a = local_mean(a), mean_b = local_mean(b);
  const Var variance_a = local_mean(square(a)) - square(mean_a);
  const Var variance_b = local_mean(square(b)) - square(mean_b);
  const Var covariance = local_mean(a * b) - mean_a * mean_b;
  const Var map = ((2 * mean_a * mean_b + kC1) * (2 * covariance + kC2)) /
                  ((square(mean_a) + square(mean_b) + kC1) * (variance_a + variance_b + kC2));
  return mean(map, {1, 2, 3});
}

}  // namespace

std::vector<double> ssim(const Tensor& a, const Tensor& b, std::int64_t batch) {
  if (a.shape() != b.shape() || a.shape().rank() != 3) {
    throw Error(fmt::format("ssim: needs pairs of images [N, H, W]: a={}, b={}",
                            to_string(a.shape()), to_string(b.shape())));
  }
  if (a.shape()[1] < kSsimWindow || a.shape()[2] < kSsimWindow) {
    throw Error(fmt::format("ssim: the window is larger than the images: a={}: {} by {}",
                            to_string(a.shape()), kSsimWindow, kSsimWindow));
  }
  return of_pairs(a, b, batch, [](const Var& x, const Var& y) {
    return similarity(as_pixels(x), as_pixels(y));
  });
}

std::vector<double> psnr(const Tensor& a, const Tensor& b, std::int64_t batch) {
  if (a.shape() != b.shape() || a.shape().rank() < 2) {
    throw Error(fmt::format("psnr: needs pairs of images [N, ...]: a={}, b={}",
                            to_string(a.shape()), to_string(b.shape())));
  }
  std::vector<double> each = of_pairs(a, b, batch, [](const Var& x, const Var& y) {
    const Shape rows{x.size(0), x.elements() / x.size(0)};
    return mean(square(reshape(pixels_in_f64(x) - pixels_in_f64(y), rows)), {1});
  });
  for (double& mse : each) mse = -10 * std::log10(mse);
  return each;
}

}  // namespace hourglass::ae
