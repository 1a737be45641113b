// A contractive autoencoder as ordinary graph code, trained by one compiled program.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main() {
  const Tensor digits = nn::digits(1280, 1).rows();  // u8 [1280, 784]
  ae::Autoencoder model =
      ae::make_autoencoder({.encoder = {784, 64}, .code = nn::Activation::kSigmoid}, 7);

  const Var stored = input({64, 784}, DType::kU8);
  const Var x = ae::pixels(stored);
  const ae::Encoded h = model.encode(x);
  const Var mse = nn::squared_error(model.decode(h), x, nn::Reduce::kMeanOverElements);
  const Var penalty =
      sum(square(batch_jacobian(h.code, x))) / 64;  // ||dh/dx||^2 of an image, exact
  const Var loss = mse + 1e-3 * penalty;

  Step step = make_step(1);
  nn::Adam adam;
  adam.update(step, model.parameters(), grad(loss, model.parameters()), 1e-3);
  Program train = compile({mse, penalty}, {.inputs = {stored}, .updates = step.updates});
  for (int epoch = 1; epoch <= 3; ++epoch) {
    const nn::Batches batches(digits, 64, key_of(1), epoch);
    for (std::int64_t i = 0; i < batches.count(); ++i) {
      const auto& terms = train.run({batches.batch(i)});
      if (i == 0)
        std::printf("epoch %d: mse %.4f, penalty %.4f\n", epoch, terms[0].item(), terms[1].item());
    }
  }
}
