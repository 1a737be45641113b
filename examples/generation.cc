// Digits that nobody has written: `generation [PICTURE.png]`. A variational autoencoder and one of five
// importance-weighted draws: how likely they find unseen digits. The picture: draws of the prior, the
// way from one digit to another, and what makes the one the other added to others.
#include <algorithm>
#include <cstdio>
#include <numeric>

#include "hourglass.h"

using namespace hourglass;

namespace {

constexpr std::int64_t kCode = 12, kShown = 10;

ae::Autoencoder learnt(const ae::Gaussian& rule, const Tensor& train) {
  ae::Spec spec{.encoder = {784, 200, kCode}, .loss = ae::Loss::kBce};
  spec.rule = rule;
  spec.binarize = ae::Binarize::kDynamic;  // black or white, drawn afresh at each step
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(
      model, {train},
      {.epochs = 8, .batch = 50, .learning_rate = 2e-3, .schedule = {nn::Schedule::kCosine}}));
  return model;
}

double nats(const ae::Autoencoder& model, const Tensor& test) {
  const std::vector<double> likely = ae::log_likelihood(model, test, 100);
  return -std::accumulate(likely.begin(), likely.end(), 0.0) / static_cast<double>(likely.size());
}

void draw(const ae::Autoencoder& model, const Tensor& digits, const char* path) {
  const auto code = [&](std::int64_t i) {
    const Var x = model.scaled(constant(digits.rows(i, i + 1)));
    return model.encode(x).code.value().reshape(Shape{kCode});
  };
  const Tensor a = code(0), b = code(1);
  Tensor sums(Shape{kShown, kCode}, DType::kF32);
  for (std::int64_t i = 0; i < sums.elements(); ++i) {
    const std::int64_t j = i % kCode;
    sums.data<float>()[i] = static_cast<float>(code(2 + i / kCode).at(j) + b.at(j) - a.at(j));
  }
  Tensor page(Shape{3 * kShown, 28, 28}, DType::kU8);
  std::uint8_t* to = page.data<std::uint8_t>();
  for (const Tensor& codes : {ae::sample(ae::standard_normal(kCode), kShown, key_of(1)),
                              ae::interpolate_spherical(a, b, kShown), sums}) {
    const Tensor images = to_u8_image(model.decode({.code = constant(codes)}).value());
    to = std::copy_n(images.data<std::uint8_t>(), images.elements(), to);
  }
  write_png(path, image_grid(page, {.columns = kShown}));
}

}  // namespace

int main(int argc, char** argv) {
  const Tensor train = nn::digits(3000, 1).rows().tensor(),
               test = nn::digits(300, 2).rows().tensor();
  const ae::Autoencoder vae = learnt({}, train);
  const ae::Autoencoder iwae = learnt({.samples = 5, .importance = true}, train);
  std::printf("-log p of unseen digits: VAE %.1f nats an image, of five draws %.1f\n",
              nats(vae, test), nats(iwae, test));
  if (argc > 1) draw(vae, test, argv[1]);
}
