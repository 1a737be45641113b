#include "tools/report/looked_at.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "ae/measure/anomaly.h"
#include "ae/measure/metrics.h"
#include "tools/data.h"
#include "tools/reasons.h"

namespace hourglass::tools {

std::vector<std::size_t> LookedAt::order() const {
  std::vector<std::size_t> order = largest_first(scores);
  std::reverse(order.begin(), order.end());
  return order;
}

std::string LookedAt::class_of(std::size_t place) const {
  return data.labels.defined() ? class_name(data, data.labels.data<std::int32_t>()[place]) : "";
}

LookedAt look_at(const LoadedRun& run, const nn::DataSet& test, std::int64_t most) {
  LookedAt looked;
  looked.of = test.count();
  const std::int64_t n = std::min(most, looked.of);
  for (std::int64_t i = 0; i < n; ++i) {
    looked.numbers.push_back(static_cast<std::int32_t>(i * looked.of / n));
  }
  looked.data = test.select(looked.numbers);
  looked.examples = looked.data.examples.tensor();
  looked.data.examples = looked.examples;
  const ae::Examples examples = examples_of(run.config.spec, looked.data);
  looked.reconstructions =
      ae::reconstructions(run.model, examples).reshape(looked.examples.shape());
  looked.codes = encode_examples(run, looked.examples, examples.labels);
  looked.errors = ae::column_errors(run.model, examples);
  looked.scores = ae::anomaly_scores(looked.errors);
  return looked;
}

Json known_of(const LookedAt& looked, std::size_t place) {
  Json known = {{"number", looked.numbers[place]}, {"score", rounded(looked.scores[place])}};
  if (looked.data.labels.defined()) known["class"] = looked.class_of(place);
  return known;
}

std::optional<double> explained(const LoadedRun& run, const LookedAt& looked) {
  if (run.config.kind == nn::DataKind::kCounts || !looked.data.categories.empty()) return {};
  const Tensor target = run.model.target(constant(looked.data.rows().tensor())).value();
  const std::int64_t rows = target.shape()[0], width = target.shape()[1];
  std::vector<double> means(static_cast<std::size_t>(width));
  for (std::int64_t i = 0; i < target.elements(); ++i) {
    means[static_cast<std::size_t>(i % width)] += target.at(i) / static_cast<double>(rows);
  }
  double deviations = 0;
  for (std::int64_t i = 0; i < target.elements(); ++i) {
    const double d = target.at(i) - means[static_cast<std::size_t>(i % width)];
    deviations += d * d;
  }
  const double errors =
      std::accumulate(looked.scores.begin(), looked.scores.end(), 0.0) * static_cast<double>(width);
  const double share = 1 - errors / deviations;
  return std::isfinite(share) ? std::optional(share) : std::nullopt;
}

std::string shown_column(const std::string& name) {
  const bool number = name.find_first_not_of("0123456789") == std::string::npos;
  return number ? "column " + name : name;
}

std::vector<std::string> shown_columns(const ae::Spec& spec, const nn::DataSet& data) {
  std::vector<std::string> names = error_columns(spec, data);
  for (std::string& name : names) name = shown_column(name);
  return names;
}

double rounded(double value, int digits) {
  if (!std::isfinite(value) || value == 0) return value;
  const double scale = std::pow(10.0, digits - 1 - std::floor(std::log10(std::abs(value))));
  return std::isfinite(scale) ? std::round(value * scale) / scale : value;
}

}  // namespace hourglass::tools
