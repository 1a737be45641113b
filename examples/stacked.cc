// Greedy layer-wise pretraining (Bengio et al. 2007): each layer learns as a shallow denoising
// autoencoder of the codes below it, then the whole is trained; beside the same from fresh weights.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

double error_after(int pretraining_epochs) {
  const Tensor digits = nn::digits(1000, 1).rows(), others = nn::digits(300, 2).rows();
  ae::Spec spec{.encoder = {784, 100, 50, 20}, .loss = ae::Loss::kBce};
  spec.hidden = spec.code = nn::Activation::kSigmoid;
  spec.init = nn::Init::kXavierUniform;
  spec.corruption = {{ae::Noise::kMasking, 0.25}};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::TrainOptions options{.epochs = pretraining_epochs, .batch = 50, .learning_rate = 5e-3};
  if (pretraining_epochs > 0) nn::check_trained(ae::pretrain(model, digits, options));
  options.epochs = 4;
  nn::check_trained(ae::train(model, {digits}, options));
  return ae::reconstruction_metrics(model, others)[0].value;
}

}  // namespace

int main() {
  std::printf("fresh weights: mse %.4f\n", error_after(0));
  std::printf("each layer pretrained for 4 epochs: mse %.4f\n", error_after(4));
}
