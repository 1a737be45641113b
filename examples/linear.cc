// A linear autoencoder finds the space of the leading principal components (Baldi & Hornik 1989):
// the directions of large variance at once, those that differ little from the next ones last.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main() {
  const Tensor digits = nn::digits(2000, 1).rows(), others = nn::digits(500, 2).rows();
  const auto identity = nn::Activation::kIdentity;
  const ae::Spec spec{.encoder = {784, 8}, .code = identity, .output = identity};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  const ae::Pca pca = ae::fit_pca(digits);
  const auto error = [&](const ae::Autoencoder& m) {  // mean squared error per pixel
    return ae::reconstruction_metrics(m, others)[0].value;
  };
  const Var leading = transpose(constant(pca.components.rows(0, 8)));
  nn::TrainCallbacks print;
  print.on_epoch = [&](const nn::EpochReport& report) {
    if (report.epoch % 10 != 0) return;
    const Tensor directions = model.decoder.layers[0].linear.weight.tensor().cast(DType::kF64);
    const auto angles = ae::principal_angles(leading.value(), directions);
    std::printf("epoch %2d: mse %.5f, angles to PCA's space %.1f to %.1f degrees\n", report.epoch,
                error(model), angles.front(), angles.back());
  };
  nn::check_trained(ae::train(
      model, {digits},
      {.epochs = 40, .batch = 50, .learning_rate = 1e-2, .schedule = {nn::Schedule::kCosine}},
      print));
  std::printf("PCA: mse %.5f\n", error(ae::pca_autoencoder(pca, 8)));
}
