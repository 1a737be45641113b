// A roll in space unrolled: `manifold`. An autoencoder finds two numbers for points on a rolled-up sheet;
// how much of their variance it leaves, beside the first two principal components, of other points.
#include <cmath>
#include <cstdio>
#include <numbers>

#include "hourglass.h"

using namespace hourglass;

namespace {

Tensor roll(std::int64_t count, std::uint32_t part) {
  const Tensor place = uniform(key_of(1), "roll", part, {count, 2});
  Tensor rows(Shape{count, 3}, DType::kF32);
  for (std::int64_t i = 0; i < count; ++i) {
    const double angle = 1.5 * std::numbers::pi * (1 + place.at(2 * i));
    float* row = rows.data<float>() + 3 * i;
    row[0] = static_cast<float>(angle / 10 * std::cos(angle));
    row[1] = static_cast<float>(2 * place.at(2 * i + 1) - 1);
    row[2] = static_cast<float>(angle / 10 * std::sin(angle));
  }
  return rows;
}

// The mean squared distance of a row from its reconstruction.
double left(const ae::Autoencoder& model, const Tensor& rows) {
  return ae::reconstruction_metrics(model, rows)[1].value;  // sse_per_image
}

}  // namespace

int main() {
  const Tensor train = roll(1000, 0), test = roll(500, 1);
  ae::Spec spec{.encoder = {3, 64, 32, 2}, .input = {3}, .scale = ae::Scale::kNone};
  spec.hidden = nn::Activation::kTanh;
  spec.output = nn::Activation::kIdentity;
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(
      model, {train},
      {.epochs = 200, .batch = 50, .learning_rate = 3e-3, .schedule = {nn::Schedule::kCosine}}));
  const ae::Pca pca = ae::fit_pca(train);
  double variance = 0;
  for (const double v : pca.variances.values()) variance += v;
  std::printf("left of the variance: %.4f, by principal components %.4f\n",
              left(model, test) / variance, left(ae::pca_autoencoder(pca, 2), test) / variance);
}
