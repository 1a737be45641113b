// What a denoising autoencoder learns: from noisy points of a ring, arrows that lead back to it.
// The field (r(x) - x) / sigma^2 is beside the one it approximates, the score of the ring with the
// noise added, which is known exactly.
#include <cmath>
#include <cstdio>
#include <numbers>

#include "examples/demo.h"
#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr double kSigma = 0.3;

// p(x) is, up to a factor, exp(-(r^2 + 1) / (2 v)) I0(r / v) with r = |x| and v = sigma^2, so
// d log p / dr = (I1(r / v) / I0(r / v) - r) / v: the score's length, along x.
Tensor exact_score(const Tensor& points) {
  Tensor score(points.shape(), DType::kF32);
  const double v = kSigma * kSigma;
  for (std::int64_t i = 0; i < points.shape()[0]; ++i) {
    const double x = points.at(2 * i), y = points.at(2 * i + 1), r = std::hypot(x, y);
    if (r == 0) continue;
    const double along = (std::cyl_bessel_i(1, r / v) / std::cyl_bessel_i(0, r / v) - r) / v;
    score.data<float>()[2 * i] = static_cast<float>(along * x / r);
    score.data<float>()[2 * i + 1] = static_cast<float>(along * y / r);
  }
  return score;
}

Tensor grid(int side, double extent) {
  Tensor points({side * side, 2}, DType::kF32);
  float* out = points.data<float>();
  for (int i = 0; i < side * side; ++i) {
    out[2 * i] = static_cast<float>(extent * (2.0 * (i % side) / (side - 1) - 1));
    out[2 * i + 1] = static_cast<float>(extent * (2.0 * (i / side) / (side - 1) - 1));
  }
  return points;
}

// Arrows along sigma^2 times the score, to where denoising moves a point, but shortened.
demo::Canvas drawn(const Tensor& data, const Tensor& points, const Tensor& score) {
  demo::Canvas canvas(240, 1.7);
  for (std::int64_t i = 0; i < 300; ++i) {
    canvas.dot(data.at(2 * i), data.at(2 * i + 1), 1.2, {230, 120, 40});
  }
  const double scale = 0.35 * kSigma * kSigma;
  for (std::int64_t i = 0; i < points.shape()[0]; ++i) {
    canvas.arrow(points.at(2 * i), points.at(2 * i + 1), scale * score.at(2 * i),
                 scale * score.at(2 * i + 1), {40, 60, 150});
  }
  return canvas;
}

void vector_field(const demo::Options& options) {
  const RandomKey key = random_key(1);
  const Var angle = random_uniform(key, "angle", {4096, 1}, 0, 2 * std::numbers::pi);
  const Var ring = concat({cos(angle), sin(angle)}, 1);
  ae::Spec spec{.encoder = {2, 64, 64}, .decoder = {64, 64, 2}};
  spec.hidden = spec.code = nn::Activation::kTanh;
  spec.output = nn::Activation::kIdentity;
  spec.corruption = {{ae::Noise::kGaussian, kSigma}};
  const ae::Autoencoder model = demo::learnt(spec, ring.value(), options.epochs);

  const auto learnt = [&](const Tensor& x) {
    return ae::denoising_score(model, constant(x)).value();
  };
  const Tensor noisy = (ring + kSigma * random_normal(key, "noise", ring.shape())).value();
  const Var ours = constant(learnt(noisy)), exact = constant(exact_score(noisy));
  const Var cosine = sum(ours * exact) / sqrt(sum(square(ours)) * sum(square(exact)));
  const Var error = sum(square(ours - exact)) / sum(square(exact));
  std::printf("score on noisy points: cosine %.4f, relative squared error %.4f\n",
              cosine.value().item(), error.value().item());
  const Tensor points = grid(13, 1.5);
  write_png(options.picture,
            demo::side_by_side({drawn(ring.value(), points, learnt(points)),
                                drawn(ring.value(), points, exact_score(points))}));
}

}  // namespace

int main(int argc, char** argv) {
  return demo::run(argc, argv, {"vector_field.png", 60}, vector_field);
}
