// A decoder as a map: Gaussian noise goes in on the left, points of a ring come out on the right,
// each in the colour it had. A VAE with importance weights learns it from samples of the ring.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numbers>
#include <vector>

#include "examples/demo.h"
#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr double kPi = std::numbers::pi;
constexpr double kSigma = 0.05;  // of the points around the ring

demo::Canvas scattered(const Tensor& points, const Tensor& codes, double extent) {
  demo::Canvas canvas(230, extent);
  for (std::int64_t i = 0; i < points.shape()[0]; ++i) {
    const double turns = std::atan2(codes.at(2 * i + 1), codes.at(2 * i)) / (2 * kPi);
    canvas.dot(points.at(2 * i), points.at(2 * i + 1), 1.5, demo::hue(turns));
  }
  return canvas;
}

// Mean and deviation of the radius, and the widest part of the ring without a point, in degrees.
void print_ring(const char* name, const Tensor& points) {
  const std::int64_t n = points.shape()[0];
  double sum = 0, squares = 0;
  std::vector<double> angles;
  for (std::int64_t i = 0; i < n; ++i) {
    const double r = std::hypot(points.at(2 * i), points.at(2 * i + 1));
    sum += r;
    squares += r * r;
    angles.push_back(std::atan2(points.at(2 * i + 1), points.at(2 * i)) * 180 / kPi);
  }
  std::sort(angles.begin(), angles.end());
  double gap = angles.front() + 360 - angles.back();
  for (std::size_t i = 1; i < angles.size(); ++i) gap = std::max(gap, angles[i] - angles[i - 1]);
  const double mean = sum / static_cast<double>(n);
  std::printf("%s: radius %.3f, deviation %.3f, widest gap %.1f degrees\n", name, mean,
              std::sqrt(squares / static_cast<double>(n) - mean * mean), gap);
}

void noise_to_ring(const demo::Options& options) {
  const RandomKey key = random_key(1);
  const Var angle = random_uniform(key, "angle", {4096, 1}, 0, 2 * kPi);
  const Var circle = concat({cos(angle), sin(angle)}, 1);
  const Tensor data =
      (circle + kSigma * random_normal(key, "around the ring", circle.shape())).value();
  ae::Spec spec{.encoder = {2, 128, 128, 2}, .loss = ae::Loss::kGaussian, .loss_scale = kSigma};
  spec.hidden = nn::Activation::kRelu;
  spec.output = nn::Activation::kIdentity;
  spec.rule = ae::Gaussian{.samples = 5, .importance = true};
  const ae::Autoencoder model = demo::learnt(spec, data, options.epochs);

  const Var z = random_normal(key, "codes", {900, 2});
  const Var noise = random_normal(key, "points", z.shape());
  const Tensor codes = z.value(), points = (model.decode({.code = z}) + kSigma * noise).value();
  print_ring("data", data);
  print_ring("from noise", points);
  write_png(options.picture,
            demo::side_by_side({scattered(codes, codes, 3.2), scattered(points, codes, 1.5)}));
}

}  // namespace

int main(int argc, char** argv) {
  return demo::run(argc, argv, {"noise_to_ring.png", 100}, noise_to_ring);
}
