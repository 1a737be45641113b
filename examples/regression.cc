// A regression by a small network on batches that a function makes: y = sin(3 x) from fresh points
// in each step, with clipped gradients and averaged weights.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

int main() {
  nn::InitSource source(1);
  nn::Mlp net = nn::make_mlp({1, 32, 32, 1}, nn::Activation::kTanh, nn::Activation::kIdentity,
                             nn::Init::kTorch, source);
  const nn::DataSource points{.batches = 100, .batch = [](int epoch, std::int64_t index) {
                                const auto step = static_cast<std::uint32_t>(100 * epoch + index);
                                const Tensor x = uniform(key_of(2), "points", step, {64, 1}, -1, 1);
                                return std::vector<Tensor>{x, sin(3 * constant(x)).value()};
                              }};
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step&) {
    return nn::make_objective(
        {{"mse", nn::squared_error(net(batch[0]), batch[1], nn::Reduce::kMeanOverElements)}});
  };
  nn::check_trained(nn::train({{objective, nn::trained_parameters(net)}}, points,
                              {.epochs = 8, .learning_rate = 1e-2, .clip_norm = 1, .average = 0.99},
                              {.on_epoch = [](const nn::EpochReport& r) {
                                std::printf("epoch %d: mse %.5f\n", r.epoch, r.loss);
                              }}));
  const Var x = constant(Tensor::from<float>({-0.5F, 0, 0.5F}, {3, 1}));
  const std::vector<double> y = net(x).value().values();
  std::printf("f(-0.5), f(0), f(0.5) = %.2f, %.2f, %.2f: sin has -1.00, 0.00, 1.00\n", y[0], y[1],
              y[2]);
}
