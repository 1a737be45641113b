#include "nn/data/formats/idx.h"

#include <fmt/core.h>

#include <filesystem>
#include <optional>
#include <utility>

#include "nn/data/formats/arrays.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/joined.h"
#include "nn/data/formats/labels.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/input_file.h"

namespace hourglass::internal {

using namespace nn;

namespace {

// The IDX files of one part; of two that differ by .gz alone, the plain one.
struct IdxPart {
  std::vector<std::string> examples, labels;
};

bool has(const std::string& text, std::string_view word) {
  return text.find(word) != std::string::npos;
}

// By name where it says so, else by the number of axes.
bool holds_labels(const std::string& path, const std::string& name) {
  if (has(name, "images") || has(name, "labels")) return has(name, "labels");
  return read_idx_header(path).sizes.size() == 1;
}

void add(std::vector<std::string>& paths, const std::string& path) {
  if (!paths.empty() && paths.back() + ".gz" == path) return;
  paths.push_back(path);
}

RawData read_idx_array(const std::string& path, const ReadOptions& options) {
  if (const auto mapped = mapped_idx(path)) {
    return from_array(path, *mapped, mapped->stored(), options);
  }
  return from_array(path, read_idx(path), read_idx_header(path).stored, options);
}

RawData read_idx_part(const std::string& examples, const std::vector<std::string>& labels,
                      const ReadOptions& options) {
  RawData data = read_idx_array(examples, options);
  if (labels.empty()) return data;
  set_labels(data.all, read_idx(labels[0]), options, labels[0]);
  return data;
}

}  // namespace

RawData read_idx_folder(const std::string& folder, const std::vector<std::string>& files,
                        const ReadOptions& options) {
  IdxPart train, test, other;
  std::string found;
  for (const std::string& path : files) {
    const std::string name = lower_case(std::filesystem::path(path).filename().string());
    const bool labels = holds_labels(path, name);
    IdxPart& part = has(name, "train")                       ? train
                    : has(name, "t10k") || has(name, "test") ? test
                                                             : other;
    add(labels ? part.labels : part.examples, path);
    found += fmt::format("{}{} ({})", found.empty() ? "" : ", ", printable(name, 100),
                         labels ? "labels" : "images");
  }
  const auto one = [](const IdxPart& part) {
    return part.examples.size() == 1 && part.labels.size() <= 1;
  };
  if (one(train) && one(test)) {
    RawData data = read_idx_part(train.examples[0], train.labels, options);
    ReadOptions alike = options;
    if (!alike.schema) alike.schema = schema_of(data);
    return with_test(std::move(data), read_idx_part(test.examples[0], test.labels, alike),
                     {train.examples[0], test.examples[0]});
  }
  for (const IdxPart* part : {&train, &test}) {
    for (const std::string& path : part->examples) other.examples.push_back(path);
    for (const std::string& path : part->labels) other.labels.push_back(path);
  }
  if (one(other)) return read_idx_part(other.examples[0], other.labels, options);
  fail_data(folder,
            "expected MNIST's names (train-images-idx3-ubyte, t10k-images-idx3-ubyte, ...) or one "
            "pair of IDX files: found " +
                found);
}

const Format& idx_format = define_format({
    .name = kIdx,
    .what = "an IDX array (MNIST's format)",
    .match =
        [](const DataFile& file) {
          if (looks_like(file.head.substr(0, 64)) == "an IDX file") return Match::kContent;
          return match(file, "", {"idx", "idx1-ubyte", "idx2-int", "idx3-ubyte", "idx4-ubyte"});
        },
    .read = [](const DataFile& file,
               const ReadOptions& options) { return read_idx_array(file.path, options); },
});

}  // namespace hourglass::internal
