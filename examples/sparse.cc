// Three ways to a sparse code, on one encoder: an L1 penalty, a mean activation held by KL, and all
// but the largest units set to 0.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

void show(const char* name, const ae::Spec& spec) {
  const Tensor digits = nn::digits(1000, 1).rows(), others = nn::digits(300, 2).rows();
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(model, {digits}, {.epochs = 20, .batch = 50, .learning_rate = 1e-2}));
  const Tensor codes = nn::map_rows(
      [&](const nn::Batch& b) { return model.encode(ae::pixels(b[0])).code; }, {others});
  const ae::CodeStatistics code = ae::code_statistics(codes);
  std::printf("%-6s  mse %.4f  units that are 0: %5.1f %%  sparseness (Hoyer) %.2f\n", name,
              ae::reconstruction_metrics(model, others)[0].value, 100 * code.zeros,
              code.sparseness);
}

}  // namespace

int main() {
  using nn::Activation;
  const ae::Spec relu{.encoder = {784, 100}, .code = Activation::kRelu, .loss = ae::Loss::kBce};
  show("plain", relu);
  ae::Spec l1 = relu;
  l1.penalties = {ae::penalties::l1(1)};
  show("L1", l1);
  ae::Spec kl = relu;  // KL is of numbers between 0 and 1
  kl.code = Activation::kSigmoid;
  kl.penalties = {ae::penalties::kl(0.05, 3)};
  show("KL", kl);
  ae::Spec largest = relu;
  largest.code = Activation::kIdentity;
  largest.rule = ae::TopK{.active = 10};
  show("top 10", largest);
}
