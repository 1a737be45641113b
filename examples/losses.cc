// One network, three losses: squared error, binary cross-entropy (a pixel is a probability) and
// categorical cross-entropy (a pixel is one of eight greys, each with a probability of its own).
#include <cstdio>

#include "examples/demo.h"
#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kPixels = 784, kGreys = 8;
constexpr auto kPerImage = nn::Reduce::kSumFeaturesMeanExamples;

// 784-128-16-128 and back to `outputs` numbers a pixel.
struct Network {
  std::vector<nn::Linear> layers;

  explicit Network(std::int64_t outputs) {
    nn::InitSource source(1);
    const std::int64_t widths[] = {kPixels, 128, 16, 128, kPixels * outputs};
    for (int i = 0; i < 4; ++i) {
      layers.push_back(nn::make_linear(widths[i], widths[i + 1], nn::Init::kTorch, source));
    }
  }
  Var operator()(const Var& x) const {
    return layers[3](relu(layers[2](layers[1](relu(layers[0](x))))));
  }
  std::vector<Var> parameters() {
    std::vector<Var> all;
    for (nn::Linear& layer : layers) {
      layer.visit([&](const std::string&, Var& parameter) { all.push_back(parameter); });
    }
    return all;
  }
};

Var greys_of(const Var& logits) { return reshape(logits, {logits.elements() / kGreys, kGreys}); }

// What the outputs say a pixel is: the probability of white, or the mean grey.
Var mean_image(const Var& outputs) {
  if (outputs.size(1) == kPixels) return sigmoid(outputs);
  std::vector<float> greys;
  for (int i = 0; i < kGreys; ++i) greys.push_back(static_cast<float>(i) / (kGreys - 1));
  const Var mean = matvec(softmax(greys_of(outputs)), constant(Tensor::from(greys, {kGreys})));
  return reshape(mean, {outputs.size(0), kPixels});
}

Var squared(const Var& outputs, const Var& x) {
  return nn::squared_error(sigmoid(outputs), x, kPerImage);
}
Var binary(const Var& outputs, const Var& x) {
  return nn::binary_cross_entropy_with_logits(outputs, x, kPerImage);
}
Var categorical(const Var& outputs, const Var& x) {
  const Var grey = cast((kGreys - 1) * x + 0.5, DType::kI32);
  const Var all = nn::softmax_cross_entropy(greys_of(outputs), reshape_to(grey, {-1}),
                                            nn::Reduce::kSumOverElements);
  return all / static_cast<double>(x.size(0));
}

void losses(const demo::Options& options) {
  const Tensor train = nn::digits(4000, 1).rows();
  const Var test = ae::pixels(constant(nn::digits(500, 2).rows()));
  std::vector<Tensor> lines = {test.value().rows(0, 12)};
  const auto learn = [&](const char* name, std::int64_t outputs, auto loss) {
    Network network(outputs);
    const auto objective = [&](const nn::Batch& batch, Step&) {
      const Var x = ae::pixels(batch[0]);
      return nn::make_objective({{name, loss(network(x), x)}});
    };
    nn::check_trained(nn::train(
        objective, network.parameters(), {train},
        {.epochs = options.epochs, .learning_rate = 2e-3, .schedule = {nn::Schedule::kCosine}}));
    const Var y = mean_image(network(test));
    const Var bce = nn::binary_cross_entropy(y, test, kPerImage);
    std::printf("learnt by %-25s  squared error %.2f, binary cross-entropy %.2f\n", name,
                nn::squared_error(y, test, kPerImage).value().item(), bce.value().item());
    lines.push_back(y.value().rows(0, 12));
  };
  learn("squared error", 1, squared);
  learn("binary cross-entropy", 1, binary);
  learn("categorical cross-entropy", kGreys, categorical);
  write_png(options.picture, demo::lines_of_images(lines, 28, 28));
}

}  // namespace

int main(int argc, char** argv) { return demo::run(argc, argv, {"losses.png", 10}, losses); }
