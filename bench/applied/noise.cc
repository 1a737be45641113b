// Digits without their noise: a convolutional denoising autoencoder of each kind and level of noise,
// beside filters and the projection on principal components, each with the strength that is best for
// training digits that nothing was learnt from.
#include <algorithm>
#include <functional>

#include "ae/measure/metrics.h"
#include "ae/model/pca.h"
#include "autograd/ops/step.h"
#include "bench/applied/images.h"
#include "bench/baselines/filters.h"
#include "nn/data/read_data.h"
#include "tensor/files/images.h"
#include "tensor/files/png.h"

namespace hourglass::bench {
namespace {

constexpr int kNoiseSeeds = 2;

Tensor noisy(const Tensor& images, const ae::Corruption& noise, std::uint64_t seed) {
  return held(ae::corrupt(constant(images), noise, make_step(seed).key, "noise").value());
}

void add(Json& into, const Quality& found) {
  into["psnr"].push_back(found.psnr);
  into["ssim"].push_back(found.ssim);
}

struct Filter {
  const char* name;
  std::vector<double> strengths;
  std::function<Tensor(const Tensor& images, double strength)> apply;
};

std::vector<Filter> filters(const ae::Pca& pca) {
  return {{"median",
           {3, 5},
           [](const Tensor& x, double side) {
             return median_filtered(x, static_cast<std::int64_t>(side));
           }},
          {"Gaussian", {0.5, 0.8, 1.2}, gaussian_filtered},
          {"non-local means", {0.1, 0.2, 0.35, 0.6}, non_local_means},
          {"PCA", {20, 40, 80}, [&pca](const Tensor& x, double code) {
             const auto model = ae::pca_autoencoder(pca, static_cast<std::int64_t>(code));
             return ae::reconstructions(model, {x.reshape({x.shape()[0], 784})}).reshape(x.shape());
           }}};
}

// With the strength of the highest PSNR for the validation digits.
Tensor best_filtered(const Filter& filter, const Tensor& x, const Tensor& validation,
                     const Tensor& clean) {
  double best = 0, most = 0;
  for (const double strength : filter.strengths) {
    const double psnr = quality(filter.apply(validation, strength), clean).psnr;
    if (psnr > most) best = strength, most = psnr;
  }
  return filter.apply(x, best);
}

ae::Spec convolutional(const ae::Corruption& noise) {
  ae::Spec spec{.encoder = {784}, .input = {1, 28, 28}};
  spec.conv = {{.channels = 16, .stride = 2}, {.channels = 32, .stride = 2}};
  spec.init = nn::Init::kKaimingUniform;
  spec.loss = ae::Loss::kBce;
  spec.corruption = {noise};
  return spec;
}

std::vector<ae::Corruption> noises() {
  return {{ae::Noise::kGaussian, 0.1},
          {ae::Noise::kGaussian, 0.25},
          {ae::Noise::kGaussian, 0.5},
          {ae::Noise::kSaltAndPepper, 0.1},
          {ae::Noise::kSaltAndPepper, 0.3}};
}

// The first images of each, a line each.
void draw_lines(const std::vector<Tensor>& lines, const std::string& path) {
  Tensor page(Shape{static_cast<std::int64_t>(lines.size()) * kShown, 28, 28}, DType::kU8);
  std::uint8_t* to = page.data<std::uint8_t>();
  for (const Tensor& line : lines) {
    const Tensor some = to_u8_image(line.rows(0, kShown));
    to = std::copy_n(some.data<std::uint8_t>(), some.elements(), to);
  }
  write_png(path, image_grid(page, {.columns = kShown}));
}

}  // namespace

Json noise(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kNoiseSeeds;
  const nn::RawData digits = nn::read_data(data_path(setting, "mnist"));
  const nn::DataSet learnt_from = digits.all.range(0, kLearnt);
  const Tensor clean = grey(digits.test->range(0, kJudged));
  const Tensor clean_validation = grey(digits.all.range(kLearnt, kLearnt + 200));
  const ae::Pca pca = ae::fit_pca(learnt_from.rows());
  Json found = {{"learnt", kLearnt}, {"judged", kJudged}, {"seeds", seeds}};
  std::vector<Tensor> lines = {clean};
  for (const ae::Corruption& each : noises()) {
    const Tensor x = noisy(clean, each, 1), validation = noisy(clean_validation, each, 2);
    Json& at = found["noise"][ae::to_text(each)];
    add(at["as it is"], quality(x, clean));
    lines.push_back(x);
    for (const Filter& filter : filters(pca)) {
      add(at[filter.name], quality(best_filtered(filter, x, validation, clean_validation), clean));
    }
    for (int seed = 1; seed <= seeds; ++seed) {
      const ae::Autoencoder model = learnt(convolutional(each), {learnt_from.rows()},
                                           {.epochs = 4,
                                            .batch = 100,
                                            .learning_rate = 2e-3,
                                            .schedule = {nn::Schedule::kCosine},
                                            .seed = static_cast<std::uint64_t>(seed)});
      const Tensor y = ae::reconstructions(model, {x.reshape({kJudged, 784})}).reshape(x.shape());
      add(at["autoencoder"], quality(y, clean));
      if (seed == 1) lines.push_back(y);
    }
  }
  draw_lines(lines, setting.pictures + "/noise.png");
  return found;
}

}  // namespace hourglass::bench
