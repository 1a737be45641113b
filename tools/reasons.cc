#include "tools/reasons.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "tools/example_files.h"

namespace hourglass::tools {

std::vector<std::size_t> largest_first(const std::vector<double>& numbers) {
  std::vector<std::size_t> order(numbers.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return numbers[a] > numbers[b]; });
  return order;
}

std::vector<Reason> reasons(const Tensor& errors, std::size_t example, std::size_t most) {
  const auto row = static_cast<std::int64_t>(example);
  const std::vector<double> own = errors.rows(row, row + 1).values();
  const double whole = std::accumulate(own.begin(), own.end(), 0.0);
  std::vector<Reason> all;
  for (const std::size_t c : largest_first(own)) {
    if (all.size() == most || own[c] == 0) break;
    all.push_back({c, own[c] / whole});
  }
  return all;
}

std::vector<std::string> error_columns(const ae::Spec& spec, const nn::DataSet& data) {
  std::vector<std::string> names;
  if (data.kind == nn::DataKind::kSeries) {
    const Shape shape = data.example_shape();
    for (std::int64_t c = 0; c < shape[0]; ++c) {
      const std::string channel = data.columns.empty() ? fmt::format("{}", c + 1)
                                                       : data.columns[static_cast<std::size_t>(c)];
      for (std::int64_t t = 0; t < shape[1]; ++t)
        names.push_back(fmt::format("{} +{}", channel, t));
    }
    return names;
  }
  const bool table = data.examples.shape().rank() == 2;  // else pixels
  for (const ae::ColumnRange& column : ae::table_columns(spec.categories, data.width())) {
    names.push_back(table ? column_name(data, column) : std::to_string(names.size() + 1));
  }
  return names;
}

}  // namespace hourglass::tools
