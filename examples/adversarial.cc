// An adversarial autoencoder (Makhzani et al. 2015): a discriminator learns to tell codes from
// draws of N(0, 1), the encoder learns to deceive it. Two players, each with an optimiser of its
// own.
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

// How far the mean square of the code's units is from a standard normal's, which is 1.
void print_codes(const char* when, const ae::Autoencoder& model, const Tensor& digits) {
  const Tensor codes = nn::map_rows(
      [&](const nn::Batch& b) { return model.encode(ae::pixels(b[0])).code; }, {digits});
  double squares = 0;
  for (double h : codes.values()) squares += h * h / static_cast<double>(codes.elements());
  std::printf("%s: mean square of a code unit %.3f\n", when, squares);
}

}  // namespace

int main() {
  const Tensor digits = nn::digits(2000, 1).rows();
  ae::Spec spec{.encoder = {784, 100, 2}, .loss = ae::Loss::kBce};
  spec.discriminator = {32, 32};
  spec.adversarial = 10;  // beside a sum over 784 pixels
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  print_codes("fresh weights", model, digits);
  nn::TrainCallbacks print;
  print.on_epoch = [](const nn::EpochReport& r) {
    std::printf("epoch %d:", r.epoch);
    for (const nn::NamedValue& term : r.terms) {
      std::printf("  %s %.3f", term.name.c_str(), term.value);
    }
    std::printf("\n");
  };
  nn::check_trained(
      ae::train(model, {digits}, {.epochs = 6, .batch = 50, .learning_rate = 2e-3}, print));
  print_codes("trained", model, digits);
}
