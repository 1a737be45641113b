// A contractive autoencoder as ordinary graph code, trained by one compiled program.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main() {
  const nn::Batches batches(nn::digits(1280, 1).rows(), 64, 1);  // u8 [64, 784] each
  ae::Autoencoder model =
      ae::make_autoencoder({.encoder = {784, 64}, .code = nn::Activation::kSigmoid}, 7);

  const Var stored = input(batches.shape(), batches.dtype());
  const Var x = ae::pixels(stored);
  const ae::Encoded h = model.encode(x);
  const Var mse = nn::squared_error(model.decode(h), x, nn::Reduce::kMeanOverElements);
  const Var jacobian = batch_jacobian(h.code, x);
  const Var penalty = mean(sum(square(jacobian), {1, 2}));  // ||dh/dx||^2 of an image, exact
  const Var loss = mse + 1e-3 * penalty;

  Step step = make_step(1);
  nn::Adam adam;
  adam.update(step, model.parameters(), grad(loss, model.parameters()), 1e-3);
  Program train = compile(step, {mse, penalty}, {.inputs = {stored}});
  for (int epoch = 1; epoch <= 3; ++epoch) {
    std::vector<Tensor> terms;
    for (Tensor images : batches.epoch(epoch)) terms = train.run({images});
    std::printf("epoch %d: mse %.4f, penalty %.4f\n", epoch, terms[0].item(), terms[1].item());
  }
}
