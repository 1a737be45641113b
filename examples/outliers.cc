// Outliers of a table without labels: `outliers [FILE.csv [LABEL]]`; without a file, readings of four
// gauges of one boiler, of which some disagree. The rows with the largest errors, and, where a column
// says which are outliers, how well the errors rank them.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>

#include "hourglass.h"

using namespace hourglass;

namespace {

// Pressure rules the other three gauges; in one row of fifty one of them is stuck.
nn::RawData boiler() {
  constexpr std::int64_t kRows = 1000;
  const Tensor noise = normal(key_of(1), "boiler", 0, {kRows, 5});
  Tensor table(Shape{kRows, 4}, DType::kF64), labels(Shape{kRows}, DType::kI32);
  for (std::int64_t i = 0; i < kRows; ++i) {
    const double pressure = 5 + noise.at(5 * i);
    double* row = table.data<double>() + 4 * i;
    row[0] = pressure + 0.05 * noise.at(5 * i + 1);
    row[1] = 100 + 12 * std::log(pressure * pressure) + 0.3 * noise.at(5 * i + 2);
    row[2] = 2 * pressure + 0.1 * noise.at(5 * i + 3);
    row[3] = 0.3 * pressure * pressure + 0.2 * noise.at(5 * i + 4);
    if (i % 50 == 7) {
      row[1 + i % 3] = table.at(4 * (i / 2) + 1 + i % 3);  // what it said long ago
      labels.data<std::int32_t>()[i] = 1;
    }
  }
  return {.all = {.kind = nn::DataKind::kRow, .examples = table, .labels = labels}};
}

}  // namespace

int main(int argc, char** argv) {
  nn::ReadOptions options;
  if (argc > 2) options.label = argv[2];
  const nn::DataSet data = argc > 1 ? nn::read_data(argv[1], options).all : boiler().all;
  const ae::Spec spec = ae::fit_to({.encoder = {784, 32}}, ae::form_of(data));
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(
      ae::train(model, {data.rows()},
                ae::fit_training({.schedule = {nn::Schedule::kCosine}}, data.kind, data.count())));

  const std::vector<double> scores = ae::anomaly_scores(model, {data.rows()});
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
  const double limit = ae::quantile(scores, 0.98);
  std::printf("%zu rows, a code of %td; 2 %% of the errors are above %.3g; the worst rows:",
              scores.size(), static_cast<std::ptrdiff_t>(spec.code_width()), limit);
  for (std::size_t i = 0; i < std::min<std::size_t>(5, order.size()); ++i) {
    std::printf(" %zu", order[i]);
  }
  std::printf("\n");
  if (!data.labels.defined()) return 0;
  std::vector<bool> outlier;
  for (std::int64_t i = 0; i < data.count(); ++i) outlier.push_back(data.labels.at(i) != 0);
  std::printf("ROC-AUC %.3f, average precision %.3f, F1 at the limit %.3f\n",
              ae::roc_auc(scores, outlier), ae::average_precision(scores, outlier),
              ae::f1(scores, outlier, limit));
}
