#include "nn/data/formats/labels.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "nn/data/formats/format.h"
#include "tensor/counted.h"
#include "tensor/error.h"

namespace hourglass::internal {

using namespace nn;

namespace {

constexpr double kMostAsTheyAre = 65535;

// Example i is of class ids[i], called names[ids[i]]: by the schema's numbers for those names where
// there is one, else by these.
void set_classes(DataSet& data, std::vector<std::string> names, std::vector<std::int32_t> ids,
                 const ReadOptions& options, const std::string& path, const LabelPlace& place) {
  if (options.schema && !options.schema->classes.empty()) {
    const std::vector<std::string>& known = options.schema->classes;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      const std::string& name = names[static_cast<std::size_t>(ids[i])];
      const auto found = std::find(known.begin(), known.end(), name);
      if (found == known.end()) {
        fail_data(path, fmt::format("{}: a class that the model does not know: {}",
                                    place(static_cast<std::int64_t>(i)), in_quotes(name)));
      }
      ids[i] = static_cast<std::int32_t>(found - known.begin());
    }
    names = known;
  }
  data.labels = Tensor::from(ids, {static_cast<std::int64_t>(ids.size())});
  data.classes = std::move(names);
}

}  // namespace

void set_labels(DataSet& data, const std::vector<double>& numbers, const ReadOptions& options,
                const std::string& path, const LabelPlace& place) {
  std::map<double, std::int32_t> classes;
  bool as_they_are = !options.schema || options.schema->classes.empty();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const double x = numbers[i];
    if (!(std::fabs(x) < 9e15) || x != std::floor(x)) {
      fail_data(path, fmt::format("{}: expected a label, a word or a whole number: found {}",
                                  place(static_cast<std::int64_t>(i)), x));
    }
    classes[x] = 0;
    as_they_are = as_they_are && x >= 0 && x <= kMostAsTheyAre;
  }
  std::vector<std::string> names;
  for (auto& [x, number] : classes) {
    number = as_they_are ? static_cast<std::int32_t>(x) : static_cast<std::int32_t>(names.size());
    if (!as_they_are) names.push_back(fmt::format("{:.0f}", x));
  }
  std::vector<std::int32_t> ids;
  for (const double x : numbers) ids.push_back(classes[x]);
  if (as_they_are) {
    data.labels = Tensor::from(ids, {static_cast<std::int64_t>(ids.size())});
  } else {
    set_classes(data, std::move(names), std::move(ids), options, path, place);
  }
}

void set_labels(DataSet& data, const std::vector<std::string>& words,
                const std::vector<std::int32_t>& ids, const ReadOptions& options,
                const std::string& path, const LabelPlace& place) {
  std::map<std::string, std::int32_t> numbers;
  for (const std::int32_t id : ids) numbers[words[static_cast<std::size_t>(id)]] = 0;
  std::vector<std::string> names;
  for (auto& [name, number] : numbers) {
    number = static_cast<std::int32_t>(names.size());
    names.push_back(name);
  }
  std::vector<std::int32_t> by_name;
  for (const std::int32_t id : ids) by_name.push_back(numbers[words[static_cast<std::size_t>(id)]]);
  set_classes(data, std::move(names), std::move(by_name), options, path, place);
}

void set_labels(DataSet& data, const Tensor& labels, const ReadOptions& options,
                const std::string& path) {
  const Shape& shape = labels.shape();
  const bool fits = shape.rank() == 1 || (shape.rank() == 2 && (shape[1] == 1 || shape[1] == 8));
  if (!fits) {
    fail_data(path, fmt::format("expected labels [N]: found {} {}", name_of(labels.dtype()),
                                to_string(shape)));
  }
  if (shape[0] != data.count()) {
    fail_data(path, fmt::format("{} for {}", internal::counted(shape[0], "label"),
                                internal::counted(data.count(), "example")));
  }
  std::vector<double> numbers;
  const std::int64_t stride = shape.rank() == 1 ? 1 : shape[1];
  for (std::int64_t i = 0; i < shape[0]; ++i) numbers.push_back(labels.at(i * stride));
  set_labels(data, numbers, options, path,
             [](std::int64_t i) { return fmt::format("label {}", i); });
}

}  // namespace hourglass::internal
