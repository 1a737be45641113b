// Too much capacity for too few images: the network learns twelve digits by heart. Digits that it
// never saw come back wrong, and sent through again and again they end as the ones it knows:
// Radhakrishnan, Belkin and Uhler, "Overparameterized neural networks implement associative
// memory", 2020.
#include <algorithm>
#include <cstdio>

#include "examples/demo.h"
#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr int kPasses = 100;
constexpr double kClose = 1.5;  // Euclidean: no two of the digits are that near

Tensor real_digits(std::int64_t count, std::uint64_t seed) {
  return ae::pixels(constant(nn::digits(count, seed).rows())).value();
}

double error(const Tensor& y, const Tensor& x) {
  return mean(square(constant(y) - constant(x))).value().item();
}

void memorise(const demo::Options& options) {
  ae::Spec spec{.encoder = {784, 512, 512, 512}, .loss = ae::Loss::kBce};
  spec.init = nn::Init::kKaimingUniform;
  spec.code = nn::Activation::kRelu;
  const Tensor known = real_digits(12, 1), unseen = real_digits(12, 2);
  const ae::Autoencoder model = demo::learnt(spec, known, options.epochs, 1e-3, 12);

  const Var x = input(known.shape());
  Program pass = compile({model.reconstruct(x)}, {.inputs = {x}});
  const Tensor by_heart = pass.run({known})[0].clone(), once = pass.run({unseen})[0].clone();
  std::printf("mean squared error: learnt %.6f, unseen %.4f\n", error(by_heart, known),
              error(once, unseen));
  Tensor last = once;
  for (int i = 1; i < kPasses; ++i) last = pass.run({last})[0].clone();
  const std::vector<double> distance = ae::k_nearest(last, known, 1).distances.values();
  const auto ended =
      std::count_if(distance.begin(), distance.end(), [](double d) { return d < kClose; });
  std::printf("after %d passes %d of 12 unseen digits have become one of the learnt ones\n",
              kPasses, static_cast<int>(ended));
  write_png(options.picture, demo::lines_of_images({known, by_heart, unseen, once, last}, 28, 28));
}

}  // namespace

int main(int argc, char** argv) { return demo::run(argc, argv, {"memorise.png", 300}, memorise); }
