// Images like an image: test digits query the training digits, by the codes of a denoising autoencoder
// and by pixels; the share of the ten nearest that have the query's class.
#include <algorithm>

#include "ae/measure/neighbours.h"
#include "bench/applied/rows.h"
#include "nn/data/read_data.h"
#include "nn/train/evaluation.h"
#include "tensor/files/images.h"
#include "tensor/files/png.h"

namespace hourglass::bench {
namespace {

constexpr int kSimilarSeeds = 2, kSimilarEpochs = 6;
constexpr std::int64_t kNearest = 10;

ae::Spec denoising(double masking) {
  ae::Spec spec{.encoder = {784, 500, 64}, .loss = ae::Loss::kBce};
  spec.corruption = {{ae::Noise::kMasking, masking}};
  return spec;
}

Tensor codes_of(const ae::Autoencoder& model, const nn::DataSet& data) {
  return nn::map_rows([&](const nn::Batch& b) { return model.encode(model.scaled(b[0])).code; },
                      {data.rows()});
}

ae::Neighbours found_by(const ae::Autoencoder& model, const nn::DataSet& queries,
                        const nn::DataSet& items) {
  return ae::k_nearest(codes_of(model, queries), codes_of(model, items), kNearest,
                       ae::Metric::kCosine);
}

ae::Autoencoder learnt_digits(double masking, const nn::DataSet& from, std::uint64_t seed) {
  return learnt(denoising(masking), {from.rows()},
                {.epochs = kSimilarEpochs,
                 .batch = 200,
                 .learning_rate = 2e-3,
                 .schedule = {nn::Schedule::kCosine},
                 .seed = seed});
}

// Of each class, and of all.
void add_precision(Json& into, const ae::Neighbours& found, const Tensor& asked,
                   const Tensor& among) {
  std::vector<double> right(10), seen(10);
  for (std::int64_t i = 0; i < found.indices.elements(); ++i) {
    const auto label = static_cast<std::size_t>(asked.at(i / kNearest));
    const std::int32_t item = found.indices.data<std::int32_t>()[i];
    seen[label] += 1;
    right[label] += among.at(item) == asked.at(i / kNearest) ? 1 : 0;
  }
  Json classes = Json::array();
  for (std::size_t c = 0; c < right.size(); ++c) classes.push_back(right[c] / seen[c]);
  into["classes"].push_back(classes);
  into["all"].push_back(ae::precision(found, asked, among));
}

// A line a query: itself and its ten nearest.
void draw_page(const ae::Neighbours& found, const nn::DataSet& queries, const nn::DataSet& items,
               const std::vector<std::int64_t>& shown, const std::string& path) {
  const Shape example = queries.example_shape();
  const std::int64_t height = example[1], width = example[2], pixels = height * width;
  const std::int64_t line = 1 + kNearest;
  Tensor page(Shape{static_cast<std::int64_t>(shown.size()) * line, height, width}, DType::kU8);
  std::uint8_t* to = page.data<std::uint8_t>();
  for (const std::int64_t query : shown) {
    const Tensor own = queries.rows().rows(query, query + 1);
    to = std::copy_n(own.data<std::uint8_t>(), pixels, to);
    const std::int32_t* near = found.indices.data<std::int32_t>() + query * kNearest;
    const Tensor others = items.rows().gather(near, kNearest);
    to = std::copy_n(others.data<std::uint8_t>(), pixels * kNearest, to);
  }
  write_png(path, image_grid(page, {.columns = static_cast<int>(line)}));
}

// Every eleventh face queries the others, which have no classes: a page only.
void draw_faces(const RowSetting& setting) {
  const nn::RawData raw = nn::read_data(data_path(setting, "frey_faces/frey-images-idx3-ubyte.gz"));
  std::vector<std::int32_t> asked, others;
  for (std::int32_t i = 0; i < raw.all.count(); ++i) {
    (i % 280 == 140 ? asked : others).push_back(i);
  }
  const nn::DataSet queries = raw.all.select(asked), items = raw.all.select(others);
  ae::Spec spec{.encoder = {560, 200, 16}, .input = {1, 28, 20}, .loss = ae::Loss::kBce};
  spec.corruption = {{ae::Noise::kMasking, 0.25}};
  const ae::Autoencoder model =
      learnt(spec, {items.rows()},
             {.epochs = 40, .batch = 50, .schedule = {nn::Schedule::kCosine}, .seed = 1});
  draw_page(found_by(model, queries, items), queries, items, {0, 1, 2, 3, 4, 5},
            setting.pictures + "/similar-faces.png");
}

}  // namespace

Json similar(const RowSetting& setting) {
  const int seeds = setting.seeds > 0 ? setting.seeds : kSimilarSeeds;
  const nn::RawData digits = nn::read_data(data_path(setting, "mnist"));
  const nn::DataSet &items = digits.all, &queries = *digits.test;
  Json found = {{"items", items.count()}, {"queries", queries.count()}, {"seeds", seeds}};
  const nn::DataSet rest = items.range(0, 55000), validation = items.range(55000, 60000);
  double best = 0, most = 0;
  for (const double masking : {0.25, 0.5}) {
    const ae::Autoencoder model = learnt_digits(masking, rest, 1);
    const double precision =
        ae::precision(found_by(model, validation, rest), validation.labels, rest.labels);
    found["tried"].push_back({masking, precision});
    if (precision > most) best = masking, most = precision;
  }
  found["chosen"] = best;
  add_precision(found["pixels"], ae::k_nearest(queries.rows(), items.rows(), kNearest),
                queries.labels, items.labels);
  for (int s = 1; s <= seeds; ++s) {
    const ae::Autoencoder model = learnt_digits(best, items, static_cast<std::uint64_t>(s));
    const ae::Neighbours near = found_by(model, queries, items);
    add_precision(found["codes"], near, queries.labels, items.labels);
    if (s == 1) {
      draw_page(near, queries, items, {0, 1, 2, 8, 18, 33}, setting.pictures + "/similar.png");
    }
  }
  draw_faces(setting);
  return found;
}

}  // namespace hourglass::bench
