#include "bench/applied/text.h"

#include <cmath>

#include "ae/measure/features.h"
#include "ae/model/fit_to.h"
#include "nn/data/read_data.h"
#include "nn/train/evaluation.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

Tensor picked(const Tensor& labels, const std::vector<std::int32_t>& ids) {
  Tensor some(Shape{static_cast<std::int64_t>(ids.size())}, DType::kI32);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    some.data<std::int32_t>()[i] = labels.data<std::int32_t>()[ids[i]];
  }
  return some;
}

Documents documents_of(const nn::DataSet& data, const ae::TfIdf& weights) {
  return {data.rows(), weights(data.rows()), data.labels};
}

}  // namespace

Documents Documents::select(const std::vector<std::int32_t>& ids) const {
  return {counts.select(ids), nn::Rows(tf_idf).select(ids), picked(labels, ids)};
}

News read_news(const RowSetting& setting) {
  const nn::RawData train =
      nn::read_data(data_path(setting, "20newsgroups/train.bow2000.svm.gz"), {});
  nn::ReadOptions alike;
  alike.schema = nn::schema_of(train);
  const nn::RawData test =
      nn::read_data(data_path(setting, "20newsgroups/test.bow2000.svm.gz"), alike);
  const ae::TfIdf weights(train.all.rows(), true);
  News news{documents_of(train.all, weights), {}, {}, documents_of(test.all, weights)};
  // The documents come group by group: in random order what is equally near is in no group's favour.
  const std::vector<std::int32_t> order =
      permutation(key_of(1), "news: order", 0, news.train.count());
  news.train = news.train.select(order);
  std::vector<std::int32_t> places(order.size());
  for (std::size_t i = 0; i < places.size(); ++i) places[i] = static_cast<std::int32_t>(i);
  const auto border = places.begin() + static_cast<std::ptrdiff_t>(places.size() / 10);
  news.validation = news.train.select({places.begin(), border});
  news.fitting = news.train.select({border, places.end()});
  return news;
}

ae::Spec word_spec(const Documents& learnt_from, std::int64_t code) {
  const std::int64_t words = learnt_from.tf_idf.shape()[1];
  ae::Spec spec;
  spec.encoder = {words, code};
  spec.input = {words};
  spec.scale = ae::Scale::kNone;
  spec.code = nn::Activation::kTanh;
  spec.output = nn::Activation::kIdentity;
  spec.loss = ae::Loss::kMultinomial;
  spec.corruption = {{ae::Noise::kMasking, 0.5}};
  return spec;
}

nn::TrainOptions word_training(std::uint64_t seed, int epochs) {
  return {.epochs = epochs,
          .batch = 128,
          .learning_rate = 3e-3,
          .schedule = {nn::Schedule::kCosine},
          .seed = seed};
}

Tensor codes_of(const ae::Autoencoder& model, const Documents& documents) {
  return nn::map_rows(
      [&](const nn::Batch& rows) { return model.encode(model.scaled(rows[0])).code; },
      {documents.tf_idf});
}

Tensor unit_rows(const Tensor& rows) {
  Tensor unit = rows.cast(DType::kF32).clone();
  const std::int64_t d = rows.shape()[1];
  for (std::int64_t i = 0; i < rows.shape()[0]; ++i) {
    float* row = unit.data<float>() + i * d;
    double squares = 0;
    for (std::int64_t j = 0; j < d; ++j) squares += static_cast<double>(row[j]) * row[j];
    const double by = squares > 0 ? 1 / std::sqrt(squares) : 0;
    for (std::int64_t j = 0; j < d; ++j) row[j] = static_cast<float>(row[j] * by);
  }
  return unit;
}

}  // namespace hourglass::bench
