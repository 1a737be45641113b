// A classifier of digits: a network of one's own, trained by the library's trainer. Nothing of it
// is an autoencoder.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

struct Net {
  nn::InitSource source{1};
  nn::Conv2d conv = nn::make_conv2d(1, 8, {5, 5}, {.stride = {2, 2}}, nn::Init::kTorch, source);
  nn::Linear top = nn::make_linear(8 * 12 * 12, 10, nn::Init::kTorch, source);

  Var operator()(const Var& images) const {  // u8 [B, 784] -> logits [B, 10]
    const Var x = reshape_to(scale_u8(images), {-1, 1, 28, 28});
    return top(reshape_to(relu(conv(x)), {images.size(0), -1}));
  }
  void visit(const nn::Visitor& visitor) {
    conv.visit(nn::prefixed(visitor, "conv"));
    top.visit(nn::prefixed(visitor, "top"));
  }
};

}  // namespace

int main() {
  const nn::DataSet train = nn::digits(2000, 1), test = nn::digits(500, 2);
  Net net;
  nn::check_trained(nn::train(
      [&](const nn::Batch& batch, Step&) {
        return nn::make_objective(
            {{"cross_entropy",
              nn::softmax_cross_entropy(net(batch[0]), batch[1], nn::Reduce::kMeanOverElements)}});
      },
      nn::trained_parameters(net), {train.rows(), train.labels},
      {.epochs = 3, .batch = 50, .learning_rate = 3e-3, .schedule = {nn::Schedule::kCosine}}));
  const Tensor right =
      nn::map_rows([&](const nn::Batch& b) { return equal(argmax(net(b[0]), {1}), b[1]); },
                   {test.rows(), test.labels});
  double count = 0;
  for (double r : right.values()) count += r;
  std::printf("right: %.0f of %lld unseen digits\n", count, static_cast<long long>(test.count()));
}
