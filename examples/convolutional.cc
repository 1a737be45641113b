// Convolutional autoencoders: strides and transposed convolutions, pooling and unpooling, and
// repeated pixels, each with a contractive penalty, exact through the convolutions.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

void show(const char* name, const ae::Spec& spec) {
  const Tensor digits = nn::digits(400, 1).rows(), others = nn::digits(100, 2).rows();
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  const nn::TrainResult result =
      ae::train(model, {digits}, {.epochs = 2, .batch = 20, .learning_rate = 3e-3});
  nn::check_trained(result);
  std::int64_t weights = 0;
  for (const Var& parameter : model.parameters()) weights += parameter.elements();
  std::printf("%-22s code %3td, %5td weights, %td steps: mse %.4f\n", name,
              static_cast<std::ptrdiff_t>(model.spec.code_width()),
              static_cast<std::ptrdiff_t>(weights), static_cast<std::ptrdiff_t>(result.steps),
              ae::reconstruction_metrics(model, others)[0].value);
}

}  // namespace

int main() {
  // The code is the last map of features: no dense layer.
  ae::Spec strided{.encoder = {784}, .input = {1, 28, 28}, .loss = ae::Loss::kBce};
  strided.conv = {{.channels = 8, .stride = 2}, {.channels = 2, .stride = 2}};
  show("strided", strided);
  ae::Spec tied = strided;
  tied.tied = true;
  show("strided, tied", tied);
  ae::Spec repeated = strided;
  repeated.upsampling = ae::Upsampling::kNearest;
  show("repeated pixels", repeated);
  ae::Spec pooled = strided;
  pooled.conv = {{.channels = 8, .pool = 2}, {.channels = 4, .pool = 2}};
  show("pooled, unpooled", pooled);
  ae::Spec contractive = strided;
  contractive.conv[1].channels = 1;  // 49 units: a Jacobian of 49 by 784
  contractive.penalties = {ae::penalties::contractive(0.01)};
  show("strided, contractive", contractive);
}
