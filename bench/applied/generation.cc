// Samples of a variational autoencoder of handwritten characters, and how likely unseen ones are: a VAE
// beside one of five importance-weighted draws. The pixels are drawn black or white afresh at each step;
// the test images once.
#include <algorithm>
#include <numeric>

#include "ae/measure/latent.h"
#include "ae/measure/likelihood.h"
#include "ae/measure/metrics.h"
#include "bench/applied/images.h"
#include "tensor/files/images.h"
#include "tensor/files/png.h"

namespace hourglass::bench {
namespace {

constexpr int kDrawSeeds = 2, kDrawEpochs = 12, kDraws = 200;
constexpr std::int64_t kDrawnCode = 32;

ae::Spec variational(bool importance) {
  ae::Spec spec{.encoder = {784, 300, kDrawnCode}, .loss = ae::Loss::kBce};
  spec.rule = importance ? ae::Gaussian{.samples = 5, .importance = true} : ae::Gaussian{};
  spec.binarize = ae::Binarize::kDynamic;
  return spec;
}

Tensor images_of(const RowSetting& setting, const char* part) {
  const Tensor images = characters(setting, part);
  return images.reshape(Shape{images.shape()[0], 784});
}

Tensor decoded(const ae::Autoencoder& model, const Tensor& codes) {
  const Tensor images = to_u8_image(model.decode({.code = constant(codes)}).value());
  return images.reshape({codes.shape()[0], 28, 28});
}

Tensor code_of(const ae::Autoencoder& model, const Tensor& image) {
  return model.encode(model.scaled(constant(image))).code.value().reshape(Shape{kDrawnCode});
}

// A line each of: test characters, their reconstructions, draws of the prior, the way from one
// character to another, and a + b - c of three.
void draw_samples(const ae::Autoencoder& model, const Tensor& test, const std::string& path) {
  const Tensor first = test.rows(0, kShown);
  const Tensor a = code_of(model, test.rows(0, 1)), b = code_of(model, test.rows(1, 2));
  Tensor sums(Shape{kShown, kDrawnCode}, DType::kF32);
  for (std::int64_t i = 0; i < kShown; ++i) {
    const Tensor c = code_of(model, test.rows(i + 2, i + 3));
    for (std::int64_t j = 0; j < kDrawnCode; ++j) {
      sums.data<float>()[i * kDrawnCode + j] = static_cast<float>(c.at(j) + b.at(j) - a.at(j));
    }
  }
  const std::vector<Tensor> lines = {
      first.reshape({kShown, 28, 28}),
      to_u8_image(ae::reconstructions(model, {first})).reshape({kShown, 28, 28}),
      decoded(model, ae::sample(ae::standard_normal(kDrawnCode), kShown, key_of(1))),
      decoded(model, ae::interpolate_spherical(a, b, kShown)), decoded(model, sums)};
  Tensor all(Shape{kShown * static_cast<std::int64_t>(lines.size()), 28, 28}, DType::kU8);
  std::uint8_t* to = all.data<std::uint8_t>();
  for (const Tensor& line : lines) {
    to = std::copy_n(line.data<std::uint8_t>(), line.elements(), to);
  }
  write_png(path, image_grid(all, {.columns = kShown, .scale = 1}));
}

}  // namespace

Json generation(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kDrawSeeds;
  const Tensor train = images_of(setting, "train"), test = images_of(setting, "test");
  Json found = {{"learnt", train.shape()[0]},
                {"judged", test.shape()[0]},
                {"seeds", seeds},
                {"epochs", kDrawEpochs},
                {"draws", kDraws}};
  for (const bool importance : {false, true}) {
    for (int s = 1; s <= seeds; ++s) {
      const auto seed = static_cast<std::uint64_t>(s);
      const ae::Autoencoder model = learnt(
          variational(importance), {train},
          {.epochs = kDrawEpochs, .batch = 100, .schedule = {nn::Schedule::kCosine}, .seed = seed});
      const std::vector<double> likely = ae::log_likelihood(model, test, kDraws);
      found["nll"][importance ? "IWAE, 5 draws" : "VAE"].push_back(
          -std::accumulate(likely.begin(), likely.end(), 0.0) / static_cast<double>(likely.size()));
      if (!importance && s == 1) draw_samples(model, test, setting.pictures + "/generation.png");
    }
  }
  return found;
}

}  // namespace hourglass::bench
