// Images in few bytes: quantised codes of autoencoders beside principal components with the same
// quantiser and entropy coder, and JPEG, WebP and PNG; digits like those that were learnt from, and
// characters and faces, which are not.
#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <numeric>

#include "ae/exchange/compressed.h"
#include "ae/measure/code_quantiser.h"
#include "ae/measure/image_metrics.h"
#include "ae/model/model_file.h"
#include "ae/model/pca.h"
#include "bench/applied/images.h"
#include "bench/baselines/codecs.h"
#include "nn/data/read_data.h"
#include "nn/train/evaluation.h"
#include "tensor/files/images.h"
#include "tensor/files/png.h"

namespace hourglass::bench {
namespace {

constexpr int kCodecSeeds = 2, kCodecEpochs = 8;
constexpr std::int64_t kPixels = 784;

struct ImageSet {
  std::string name;
  Tensor images, clean;  // u8 and f32 [N, 28, 28]

  Tensor rows() const { return images.reshape(Shape{images.shape()[0], kPixels}); }
};

ImageSet image_set(const std::string& name, const Tensor& images) {
  const std::int64_t count = std::min(kJudged, images.shape()[0]);
  const Tensor some = images.reshape(Shape{images.shape()[0], kPixels}).rows(0, count);
  return {name, some.reshape({count, 28, 28}), grey({.examples = some})};
}

// Faces of 28 x 20 in the middle of 28 x 28, their borders going on.
Tensor widened(const Tensor& faces) {
  const std::int64_t width = 20, margin = 4;
  Tensor wide(Shape{faces.shape()[0], 28, 28}, DType::kU8);
  for (std::int64_t i = 0; i < wide.elements(); ++i) {
    const std::int64_t x = std::clamp<std::int64_t>(i % 28 - margin, 0, width - 1);
    wide.data<std::uint8_t>()[i] = faces.data<std::uint8_t>()[i / 28 * width + x];
  }
  return wide;
}

// What came of a set's images, u8 [N, 28, 28], and of how many bytes.
struct Squeezed {
  std::uint64_t bytes = 0;
  Tensor back;
};
using Squeeze = std::function<Squeezed(const ImageSet&)>;

// A setting of a method: one function a seed.
struct Way {
  std::string name;
  std::vector<Squeeze> seeds;
};
using Methods = std::vector<std::pair<std::string, std::vector<Way>>>;

Tensor code_rows(const ae::Autoencoder& model, const nn::Rows& rows) {
  return nn::map_rows([&](const nn::Batch& b) { return model.encode(model.scaled(b[0])).code; },
                      {rows});
}

// As `hourglass compress` and `decompress` do it.
Squeezed by_codes(const ae::Autoencoder& model, const ae::CodeQuantiser& quantiser,
                  const ImageSet& set) {
  const ScratchFile file;
  const std::uint64_t bytes =
      ae::write_compressed(file.path(), {.model = ae::model_sha256(model),
                                         .kind = "image",
                                         .example = {1, 28, 28},
                                         .dtype = "u8",
                                         .symbols = quantiser.symbols(code_rows(model, set.rows())),
                                         .means = quantiser.means,
                                         .steps = quantiser.steps});
  const ae::CompressedCodes read = ae::read_compressed(file.path());
  const Tensor codes = ae::CodeQuantiser{read.means, read.steps}.codes(read.symbols);
  const Tensor back =
      nn::map_rows([&](const nn::Batch& b) { return model.decode({.code = b[0]}); }, {codes});
  return {bytes, to_u8_image(back.reshape(set.images.shape()))};
}

constexpr double kSteps[] = {2, 1, 0.5, 0.25};

std::vector<Way> autoencoders(const nn::Rows& train, int seeds) {
  std::vector<Way> ways;
  for (const std::int64_t width : {8, 16, 32, 64}) {
    const std::size_t first = ways.size();
    for (const double step : kSteps) {
      ways.push_back({fmt::format("{} numbers, steps of {} deviations", width, step), {}});
    }
    for (int seed = 1; seed <= seeds; ++seed) {
      const ae::Autoencoder model = learnt({.encoder = {kPixels, 256, width}}, {train},
                                           {.epochs = kCodecEpochs,
                                            .batch = 100,
                                            .learning_rate = 3e-3,
                                            .schedule = {nn::Schedule::kCosine},
                                            .seed = static_cast<std::uint64_t>(seed)});
      const Tensor codes = code_rows(model, train);
      for (std::size_t i = 0; i < std::size(kSteps); ++i) {
        ways[first + i].seeds.push_back(
            [model, quantiser = ae::fit_quantiser(codes, kSteps[i])](const ImageSet& set) {
              return by_codes(model, quantiser, set);
            });
      }
    }
  }
  return ways;
}

// With steps in deviations of each component, as above, and with one step for all, as is usual where the
// last vary least.
std::vector<Way> components(const nn::Rows& train) {
  const ae::Pca pca = ae::fit_pca(train);
  std::vector<Way> ways;
  for (const std::int64_t width : {8, 16, 32, 64, 128, 256}) {
    const ae::Autoencoder model = ae::pca_autoencoder(pca, width);
    const Tensor codes = code_rows(model, train);
    const auto add = [&](const std::string& steps, const ae::CodeQuantiser& quantiser) {
      ways.push_back({fmt::format("{} numbers, {}", width, steps),
                      {[=](const ImageSet& set) { return by_codes(model, quantiser, set); }}});
    };
    for (const double step : kSteps) {
      const ae::CodeQuantiser each = ae::fit_quantiser(codes, step);
      add(fmt::format("steps of {} deviations", step), each);
      add(fmt::format("steps of {}", step), {each.means, Tensor::full(Shape{width}, step)});
    }
  }
  return ways;
}

// Images beside each other in one picture, so that they share the head of the file.
template <class F>
std::vector<Way> codec(F&& coded) {
  std::vector<Way> ways;
  for (const int quality : {1, 3, 6, 10, 20, 35, 50, 70, 85, 95}) {
    ways.push_back({fmt::format("quality {}", quality), {[=](const ImageSet& set) -> Squeezed {
                      const Coded found = coded(sheet_of(set.images), quality);
                      return {found.bytes, images_in(found.picture, set.images.shape())};
                    }}});
  }
  return ways;
}

Methods all_methods(const nn::Rows& train, int seeds) {
  Methods all = {{"autoencoder", autoencoders(train, seeds)},
                 {"PCA", components(train)},
                 {"JPEG", codec(jpeg_coded)}};
  if (has_webp()) all.emplace_back("WebP", codec(webp_coded));
  return all;
}

double mean(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// The settings than which no other is both smaller and better on the images to choose by.
std::vector<Way> best_ways(const std::vector<Way>& ways, const ImageSet& chosen_by) {
  std::vector<std::pair<double, double>> points;  // bytes, PSNR
  for (const Way& way : ways) {
    std::vector<double> bytes, psnr;
    for (const Squeeze& squeeze : way.seeds) {
      const Squeezed found = squeeze(chosen_by);
      bytes.push_back(static_cast<double>(found.bytes));
      psnr.push_back(mean(ae::psnr(found.back, chosen_by.images)));
    }
    points.emplace_back(mean(bytes), mean(psnr));
  }
  std::vector<Way> best;
  for (std::size_t i = 0; i < ways.size(); ++i) {
    const bool beaten = std::any_of(points.begin(), points.end(), [&](const auto& other) {
      return other.first < points[i].first && other.second >= points[i].second;
    });
    if (!beaten) best.push_back(ways[i]);
  }
  return best;
}

// Bytes an image, PSNR and SSIM of each seed.
Json measured(const Way& way, const ImageSet& set) {
  Json found = {{"way", way.name}};
  for (const Squeeze& squeeze : way.seeds) {
    const Squeezed squeezed = squeeze(set);
    const Quality q =
        quality(grey({.examples = squeezed.back.reshape(set.rows().shape())}), set.clean);
    found["bytes"].push_back(static_cast<double>(squeezed.bytes) /
                             static_cast<double>(set.images.shape()[0]));
    found["psnr"].push_back(q.psnr);
    found["ssim"].push_back(q.ssim);
  }
  return found;
}

// Bytes an image where nothing is lost; PNG's is a column of images.
Json exact(const ImageSet& set) {
  const Shape& shape = set.images.shape();
  const auto count = static_cast<double>(shape[0]);
  const Tensor column = set.images.reshape({shape[0] * shape[1], shape[2]});
  Json bytes = {{"PNG", static_cast<double>(png_bytes(column).size()) / count}};
  if (has_webp()) {
    const Coded coded = webp_coded(sheet_of(set.images), kLossless);
    bytes["WebP"] = static_cast<double>(coded.bytes) / count;
  }
  return bytes;
}

}  // namespace

Json compression(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kCodecSeeds;
  const nn::RawData digits = nn::read_data(data_path(setting, "mnist"));
  const nn::RawData faces =
      nn::read_data(data_path(setting, "frey_faces/frey-images-idx3-ubyte.gz"));
  const ImageSet chosen_by =
      image_set("validation", digits.all.range(kLearnt, kLearnt + kJudged).rows().tensor());
  const std::vector<ImageSet> sets = {
      image_set("digits", digits.test->range(0, kJudged).rows().tensor()),
      image_set("characters", characters(setting, "test")),
      image_set("faces", widened(faces.all.rows().tensor()))};
  Json found = {
      {"learnt", kLearnt}, {"judged", kJudged}, {"seeds", seeds}, {"epochs", kCodecEpochs}};
  for (const ImageSet& set : sets) found["exact"][set.name] = exact(set);
  for (const auto& [method, ways] : all_methods(digits.all.range(0, kLearnt).rows(), seeds)) {
    for (const Way& way : best_ways(ways, chosen_by)) {
      for (const ImageSet& set : sets) {
        found["sets"][set.name][method].push_back(measured(way, set));
      }
    }
  }
  return found;
}

}  // namespace hourglass::bench
