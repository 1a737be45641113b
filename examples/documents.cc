// Documents by their codes: `documents [COUNTS]`, SVMlight or Matrix Market or texts with labels; without a
// file, documents of six topics that share most of their words. By TF-IDF, and by the codes of an
// autoencoder of it: how many of the ten nearest have the class of a document that was not learnt from,
// and how many of these a softmax regression of 18 documents' classes puts right.
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

namespace {

// 900 documents of 20 words out of 400: half of any, half of the 60 of their topic.
nn::DataSet documents() {
  constexpr std::int64_t kCount = 900, kLength = 20, kVocabulary = 400;
  const Tensor draws = uniform(key_of(1), "words", 0, {kCount * kLength, 2});
  Tensor counts(Shape{kCount, kVocabulary}, DType::kI32), labels(Shape{kCount}, DType::kI32);
  for (std::int64_t i = 0; i < kCount * kLength; ++i) {
    const std::int64_t topic = i / kLength % 6;
    const double any = draws.at(2 * i + 1);
    const auto word = draws.at(2 * i) < 0.5 ? static_cast<std::int64_t>(any * 399.9)
                                            : 60 * topic + static_cast<std::int64_t>(any * 59.9);
    ++counts.data<std::int32_t>()[i / kLength * kVocabulary + word];
    labels.data<std::int32_t>()[i / kLength] = static_cast<std::int32_t>(topic);
  }
  return {.kind = nn::DataKind::kCounts, .examples = counts, .labels = labels};
}

}  // namespace

int main(int argc, char** argv) {
  const nn::RawData raw = argc > 1 ? nn::read_data(argv[1]) : nn::RawData{.all = documents()};
  const nn::DataParts parts = nn::split(raw, {.percent = {{80, 0, 20}}});
  const ae::TfIdf weights(parts.train.rows());
  const Tensor items = weights(parts.train.rows()), queries = weights(parts.test.rows());

  const std::int64_t words = items.shape()[1];
  ae::Spec spec{.encoder = {words, 16}, .scale = ae::Scale::kNone};
  spec.code = nn::Activation::kTanh;
  spec.output = nn::Activation::kIdentity;
  spec.loss = ae::Loss::kMultinomial;
  spec.corruption = {{ae::Noise::kMasking, 0.5}};
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(
      model, {items},
      {.epochs = 60, .batch = 40, .learning_rate = 5e-3, .schedule = {nn::Schedule::kCosine}}));
  const auto codes = [&](const Tensor& rows) {
    return nn::map_rows([&](const nn::Batch& b) { return model.encode(model.scaled(b[0])).code; },
                        {rows});
  };
  const auto near = [&](const Tensor& asked, const Tensor& among) {
    return ae::precision(ae::k_nearest(asked, among, 10, ae::Metric::kCosine), parts.test.labels,
                         parts.train.labels);
  };
  const auto right = [&](const Tensor& asked, const Tensor& among) {
    const nn::Linear top = ae::fit_softmax_regression(
        nn::Rows(among).range(0, 18), parts.train.range(0, 18).labels,
        ae::form_of(parts.train).classes, {.epochs = 200, .batch = 18, .learning_rate = 3e-2});
    return 1 - ae::classification_error(top, asked, parts.test.labels);
  };
  const Tensor item_codes = codes(items), query_codes = codes(queries);
  std::printf(
      "of the ten nearest of %td documents have the query's class: by TF-IDF %.3f, by codes "
      "of 16 numbers %.3f\n",
      static_cast<std::ptrdiff_t>(items.shape()[0]), near(queries, items),
      near(query_codes, item_codes));
  std::printf("right with 18 labels: by TF-IDF %.3f, by codes %.3f\n", right(queries, items),
              right(query_codes, item_codes));
}
