// Vector-quantised codes (van den Oord et al. 2017): each code is 8 vectors out of a codebook of
// 32, so 8 times 5 bits an image. The gradient goes straight through the choice, the codebook
// follows.
#include <algorithm>
#include <cstdio>
#include <vector>

#include "hourglass.h"

using namespace hourglass;

int main() {
  const Tensor digits = nn::digits(2000, 1).rows();
  const ae::Spec spec{.encoder = {784, 200, 32},
                      .loss = ae::Loss::kBce,
                      .rule = ae::Quantised{.entries = 32, .entry_width = 4}};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::TrainCallbacks print;
  print.on_epoch = [](const nn::EpochReport& r) {
    std::printf("epoch %d:", r.epoch);
    for (const nn::NamedValue& term : r.terms) {
      std::printf("  %s %.3f", term.name.c_str(), term.value);
    }
    std::printf("\n");
  };
  nn::check_trained(
      ae::train(model, {digits}, {.epochs = 5, .batch = 50, .learning_rate = 2e-3}, print));
  const Var x = ae::pixels(constant(digits.rows(0, 500)));
  const Tensor chosen = model.encode(x).quantised.indices.value();
  std::vector<bool> used(32);
  for (double index : chosen.values()) used[static_cast<std::size_t>(index)] = true;
  std::printf("%td of 32 entries are used; the first digit is",
              std::count(used.begin(), used.end(), true));
  for (std::int64_t i = 0; i < 8; ++i) std::printf(" %g", chosen.at(i));
  std::printf("\n");
}
