// A denoising autoencoder: the encoder sees a noisy image, the error is that to the clean one, the
// noise is fresh at each step. Beside the same model without, on images with more and more noise.
#include <cstdio>
#include <vector>

#include "hourglass.h"

using namespace hourglass;

namespace {

std::vector<nn::NamedValue> tolerance(double noise) {
  const Tensor digits = nn::digits(1500, 1).rows(), others = nn::digits(300, 2).rows();
  ae::Autoencoder model =
      ae::make_autoencoder({.encoder = {784, 100}, .code = nn::Activation::kRelu}, 1);
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step& step) {
    const Var clean = ae::pixels(batch[0]);
    const Var seen = noise == 0 ? clean
                                : ae::corrupt(clean, {ae::Noise::kGaussian, noise}, step.key,
                                              step.stream("noise"));
    const Var logits = model.decode_linear(model.encode(seen));
    return nn::make_objective({{"bce", nn::binary_cross_entropy_with_logits(
                                           logits, clean, nn::Reduce::kMeanOverElements)}});
  };
  nn::check_trained(nn::train(objective, model.parameters(), {digits},
                              {.epochs = 8, .batch = 50, .learning_rate = 3e-3}));
  return ae::noise_tolerance([&](const ae::Batch& b) { return model.reconstruct(b.images); },
                             {others});
}

}  // namespace

int main() {
  const auto plain = tolerance(0), denoising = tolerance(0.4);
  std::printf("noise   mse of a plain autoencoder, of one trained with noise of 0.4\n");
  for (std::size_t i = 0; i < plain.size(); ++i) {
    std::printf("%-5s   %.4f  %.4f\n", plain[i].name.c_str(), plain[i].value, denoising[i].value);
  }
}
