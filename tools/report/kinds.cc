#include "tools/report/kinds.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "ae/measure/column_losses.h"
#include "ae/measure/latent.h"
#include "autograd/ops/ops.h"
#include "tools/example_files.h"
#include "tools/reasons.h"

namespace hourglass::tools {
namespace {

using nn::DataKind;

constexpr std::size_t kWorstRows = 12, kRowReasons = 4, kWords = 10, kWindows = 64;
constexpr std::int64_t kWindowNumbers = 60000;  // of all windows of a page
constexpr std::int64_t kShownUnits = 40;

bool is_table(const LookedAt& looked) {
  return looked.data.kind == DataKind::kRow || looked.data.kind == DataKind::kActivations;
}

Json worst_rows(const LookedAt& looked, const std::vector<std::string>& names,
                const std::vector<ae::ColumnLoss>& losses) {
  const std::vector<std::size_t> order = largest_first(looked.scores);
  Json rows = Json::array();
  for (std::size_t k = 0; k < std::min(kWorstRows, order.size()); ++k) {
    Json row = known_of(looked, order[k]), columns = Json::array();
    for (const Reason& reason : reasons(looked.errors, order[k], kRowReasons)) {
      Json column = {{"name", names[reason.column]}, {"share", rounded(reason.share, 3)}};
      const ae::ColumnRange& range = losses[reason.column].column;
      if (!range.category) {
        const auto at = static_cast<std::int64_t>(order[k]) * looked.data.width() + range.first;
        column["value"] = rounded(looked.examples.at(at));
        column["reconstruction"] = rounded(looked.reconstructions.at(at));
      }
      columns.push_back(column);
    }
    row["columns"] = columns;
    rows.push_back(row);
  }
  return {{"of", looked.data.count()}, {"rows", rows}};
}

// [C][T] numbers of a window.
Json window_numbers(const Tensor& examples, std::size_t place) {
  const std::int64_t channels = examples.shape()[1], steps = examples.shape()[2];
  Json all = Json::array();
  for (std::int64_t c = 0; c < channels; ++c) {
    Json channel = Json::array();
    for (std::int64_t t = 0; t < steps; ++t) {
      const std::int64_t at = (static_cast<std::int64_t>(place) * channels + c) * steps + t;
      channel.push_back(rounded(examples.at(at)));
    }
    all.push_back(channel);
  }
  return all;
}

// Windows evenly through time, and the worst ones.
std::set<std::size_t> chosen_windows(const LookedAt& looked) {
  const std::size_t n = looked.scores.size();
  const auto fit = static_cast<std::size_t>(kWindowNumbers / (2 * looked.data.width()));
  const std::size_t most = std::clamp<std::size_t>(fit, 2, kWindows);
  std::set<std::size_t> chosen;
  const std::vector<std::size_t> order = largest_first(looked.scores);
  for (std::size_t k = 0; k < std::min(n, most / 4 + 1); ++k) chosen.insert(order[k]);
  for (std::size_t k = 0; k < std::min(n, most); ++k) chosen.insert(k * n / std::min(n, most));
  return chosen;
}

// How much likelier each word becomes from the low to the high code of a unit: p log(p / q), the
// word's part of the divergence between what both decode to.
std::vector<double> gains(const Tensor& decoded, std::int64_t high, std::int64_t low) {
  const std::int64_t width = decoded.shape()[1];
  std::vector<double> p, q;
  double all_p = 0, all_q = 0;
  for (std::int64_t d = 0; d < width; ++d) {
    p.push_back(std::max(decoded.at(high * width + d), 1e-12));
    q.push_back(std::max(decoded.at(low * width + d), 1e-12));
    all_p += p.back();
    all_q += q.back();
  }
  std::vector<double> gains;
  for (std::size_t d = 0; d < p.size(); ++d) {
    gains.push_back(p[d] / all_p * std::log(p[d] / all_p / (q[d] / all_q)));
  }
  return gains;
}

Json first_words(const std::vector<double>& gains, const nn::DataSet& data) {
  Json words = Json::array();
  for (const std::size_t word : largest_first(gains)) {
    if (words.size() == kWords || gains[word] <= 0) break;
    words.push_back(column_name(data, word));
  }
  return words;
}

}  // namespace

Json columns(const LoadedRun& run, const LookedAt& looked) {
  if (!is_table(looked)) return nullptr;
  const std::vector<std::string> names = shown_columns(run.config.spec, looked.data);
  const std::vector<ae::ColumnLoss> losses =
      ae::column_losses(run.model, examples_of(run.config.spec, looked.data));
  std::vector<double> means(names.size());
  for (std::int64_t i = 0; i < looked.errors.elements(); ++i) {
    means[static_cast<std::size_t>(i) % names.size()] +=
        looked.errors.at(i) / static_cast<double>(looked.data.count());
  }
  Json errors = Json::array();
  for (const std::size_t c : largest_first(means)) {
    Json column = {{"name", names[c]},
                   {"error", rounded(means[c])},
                   {"entries", losses[c].entries},
                   {"loss", rounded(losses[c].loss)}};
    if (losses[c].column.category) column["wrong"] = rounded(losses[c].wrong);
    errors.push_back(column);
  }
  return {{"errors", errors},
          {"unit", "squared error, in the numbers of the model"},
          {"worst", worst_rows(looked, names, losses)}};
}

Json windows(const LookedAt& looked) {
  if (looked.data.kind != DataKind::kSeries) return nullptr;
  Json channels = Json::array(), scores = Json::array(), shown = Json::array();
  for (std::int64_t c = 0; c < looked.examples.shape()[1]; ++c) {
    channels.push_back(shown_column(column_name(looked.data, static_cast<std::size_t>(c))));
  }
  for (std::size_t i = 0; i < looked.scores.size(); ++i) scores.push_back(known_of(looked, i));
  for (const std::size_t place : chosen_windows(looked)) {
    Json window = known_of(looked, place);
    window["original"] = window_numbers(looked.examples, place);
    window["reconstruction"] = window_numbers(looked.reconstructions, place);
    shown.push_back(window);
  }
  return {{"channels", channels}, {"scores", scores}, {"windows", shown}};
}

Json words_of_units(const LoadedRun& run, const LookedAt& looked) {
  if (looked.data.kind != DataKind::kCounts || looked.data.count() < 2) return nullptr;
  const ae::CodeNormal normal = ae::fit_normal(looked.codes);
  const std::vector<double> deviations = ae::deviations(normal);
  const std::vector<std::size_t> order = largest_first(deviations);
  const std::int64_t n =
      std::min<std::int64_t>(kShownUnits, static_cast<std::int64_t>(order.size()));
  std::vector<Var> ends;
  for (std::int64_t k = 0; k < n; ++k) {
    const std::size_t unit = order[static_cast<std::size_t>(k)];
    const double middle = normal.mean.at(static_cast<std::int64_t>(unit));
    ends.push_back(
        constant(ae::traverse(normal.mean, static_cast<std::int64_t>(unit),
                              middle - 2 * deviations[unit], middle + 2 * deviations[unit], 2)));
  }
  const Tensor codes = concat(ends, 0).value();
  const Tensor labels = run.config.spec.classes > 0 ? Tensor(Shape{2 * n}, DType::kI32) : Tensor();
  const Tensor words = decoded(run, codes, labels);
  Json units = Json::array();
  for (std::int64_t k = 0; k < n; ++k) {
    units.push_back({{"unit", order[static_cast<std::size_t>(k)]},
                     {"more", first_words(gains(words, 2 * k + 1, 2 * k), looked.data)},
                     {"less", first_words(gains(words, 2 * k, 2 * k + 1), looked.data)}});
  }
  return {{"caption",
           "What becomes likelier as a unit goes from 2 deviations below its mean to 2 above, the "
           "others at their means; the units that vary most come first."},
          {"units", units}};
}

}  // namespace hourglass::tools
