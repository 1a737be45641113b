#include "tools/reasons.h"

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
  const bool table = data.examples.shape().rank() == 2;  // else pixels, steps of channels
  std::vector<std::string> names;
  for (const ae::ColumnRange& column : ae::table_columns(spec.categories, data.width())) {
    names.push_back(table ? column_name(data, column) : std::to_string(names.size() + 1));
  }
  return names;
}

}  // namespace hourglass::tools
