#include "nn/data/formats/joined.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <utility>

#include "nn/data/formats/format.h"
#include "tensor/error.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// The shape of a part's examples but for how many there are, in words.
std::string form_of(const DataSet& data) {
  return fmt::format("{} {} {}", name_of(data.kind), name_of(data.examples.dtype()),
                     to_string(data.example_shape()));
}

void check_alike(const DataSet& first, const DataSet& next, const std::vector<std::string>& paths,
                 std::size_t i) {
  if (next.kind != first.kind || next.examples.dtype() != first.examples.dtype() ||
      !(next.example_shape() == first.example_shape())) {
    fail_data(paths[i], fmt::format("expected examples as in {}, {}: found {}", printable(paths[0]),
                                    form_of(first), form_of(next)));
  }
  for (std::size_t c = 0; c < std::max(first.columns.size(), next.columns.size()); ++c) {
    const std::string a = c < first.columns.size() ? first.columns[c] : "no name";
    const std::string b = c < next.columns.size() ? next.columns[c] : "no name";
    if (a == b) continue;
    fail_data(paths[i], fmt::format("column {}: expected {}, as in {}: found {}", c + 1,
                                    in_quotes(a), printable(paths[0]), in_quotes(b)));
  }
}

void check_labels_alike(const DataSet& first, const DataSet& next,
                        const std::vector<std::string>& paths, std::size_t i) {
  if (next.labels.defined() == first.labels.defined()) return;
  const auto has = [](const DataSet& data) {
    return data.labels.defined() ? "labels" : "no labels";
  };
  fail_data(paths[i], fmt::format("has {}: {} has {}", has(next), printable(paths[0]), has(first)));
}

// Rows of each part, one after the other.
template <class F>
Rows stacked(const std::vector<RawData>& parts, F&& of) {
  std::vector<Rows> all;
  for (const RawData& part : parts) all.push_back(of(part));
  return concatenated(all);
}

// Labels of words have numbers of their own in each part: they get those of all the words together.
void share_classes(std::vector<RawData>& parts) {
  std::map<std::string, std::int32_t> numbers;
  for (const RawData& part : parts) {
    for (const std::string& name : part.all.classes) numbers[name] = 0;
  }
  std::vector<std::string> classes;
  for (auto& [name, number] : numbers) {
    number = static_cast<std::int32_t>(classes.size());
    classes.push_back(name);
  }
  for (RawData& part : parts) {
    if (part.all.classes.empty()) continue;
    auto* label = part.all.labels.data<std::int32_t>();
    for (std::int64_t i = 0; i < part.all.count(); ++i) {
      label[i] = numbers[part.all.classes[static_cast<std::size_t>(label[i])]];
    }
    part.all.classes = classes;
  }
}

}  // namespace

RawData joined(std::vector<RawData> parts, const std::vector<std::string>& paths) {
  if (parts.size() == 1) return std::move(parts[0]);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    check_alike(parts[0].all, parts[i].all, paths, i);
    check_labels_alike(parts[0].all, parts[i].all, paths, i);
  }
  share_classes(parts);
  RawData joint = parts[0];
  joint.all.examples = stacked(parts, [](const RawData& part) { return part.all.examples; });
  if (joint.all.labels.defined()) {
    joint.all.labels =
        stacked(parts, [](const RawData& part) -> Rows { return part.all.labels; }).tensor();
  }
  for (const RawData& part : parts) {
    if (part.all.stored != joint.all.stored) joint.all.stored.reset();
  }
  joint.recordings.clear();
  joint.notes.clear();
  for (const RawData& part : parts) {
    joint.recordings.insert(joint.recordings.end(), part.recordings.begin(), part.recordings.end());
    for (const std::string& note : part.notes) {
      const bool said =
          std::find(joint.notes.begin(), joint.notes.end(), note) != joint.notes.end();
      if (!said) joint.notes.push_back(note);
    }
  }
  return joint;
}

RawData with_test(RawData train, const RawData& test, const std::vector<std::string>& paths) {
  check_alike(train.all, test.all, paths, 1);
  train.test = test.all;
  return train;
}

}  // namespace hourglass::internal
