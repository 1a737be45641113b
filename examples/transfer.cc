// From unlabelled to labelled digits: `transfer [COUNT]`. A convolutional autoencoder sees 3000 digits;
// its encoder with a linear layer on top is fine-tuned on 300 of them (or COUNT) with their classes, beside
// the same network from fresh weights.
#include <cstdio>
#include <cstdlib>

#include "hourglass.h"

using namespace hourglass;

namespace {

ae::Spec convolutional() {
  ae::Spec spec{.encoder = {784, 64}, .input = {1, 28, 28}};
  spec.conv = {{.channels = 8, .stride = 2}, {.channels = 16, .stride = 2}};
  spec.code = nn::Activation::kRelu;
  spec.loss = ae::Loss::kBce;
  spec.corruption = {{ae::Noise::kMasking, 0.25}};
  return spec;
}

// Trains the model's encoder on, with a layer of its own; the share of wrong test digits.
double fine_tuned(ae::Autoencoder model, const nn::DataSet& few, const nn::DataSet& test) {
  const nn::Linear top{parameter(Tensor({10, 64}, DType::kF32)),
                       parameter(Tensor({10}, DType::kF32))};
  std::vector<Var> parameters = model.parameters({ae::Part::kEncoder});
  parameters.insert(parameters.end(), {top.weight, top.bias});
  const auto logits = [&](const Var& x) { return top(model.encode(model.scaled(x)).code); };
  nn::check_trained(
      nn::train(ae::classification_objective(logits), parameters, {few.rows(), few.labels},
                {.epochs = 300, .batch = few.count(), .schedule = {nn::Schedule::kCosine}}));
  return ae::classification_error(logits, test.rows(), test.labels);
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t count = argc > 1 ? std::atoll(argv[1]) : 300;
  const nn::DataSet train = nn::digits(3000, 1), test = nn::digits(500, 2);
  const nn::DataSet few = train.range(0, count);  // every ten of them hold each class once
  ae::Autoencoder model = ae::make_autoencoder(convolutional(), 1);
  nn::check_trained(ae::train(
      model, {train.rows()},
      {.epochs = 5, .batch = 50, .learning_rate = 2e-3, .schedule = {nn::Schedule::kCosine}}));
  const double transferred = fine_tuned(model, few, test);
  std::printf("%lld labels: wrong %.3f transferred, %.3f from scratch\n",
              static_cast<long long>(count), transferred,
              fine_tuned(ae::make_autoencoder(convolutional(), 1), few, test));
}
