#include <algorithm>
#include <optional>

#include "nn/data/formats/arrays.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/joined.h"
#include "nn/data/formats/labels.h"
#include "tensor/files/npy.h"

namespace hourglass::internal {

using namespace nn;

namespace {

using Arrays = std::vector<ArrayHeader>;

// The one of that name in any case of letters.
std::optional<std::string> array_named(const Arrays& arrays, const std::string& name) {
  for (const ArrayHeader& array : arrays) {
    if (lower_case(array.name) == name) return array.name;
  }
  return std::nullopt;
}

RawData read_npz_part(const std::string& path, const std::string& examples,
                      const std::optional<std::string>& labels, const ReadOptions& options) {
  const StoredTensor array = read_stored_npz(path, examples);
  RawData data = from_array(path, array.value, array.stored, options);
  if (labels) set_labels(data.all, read_npz(path, *labels), options, path);
  return data;
}

// x and y, or x_train, y_train, x_test and y_test, or what the options name.
RawData read_npz_data(const DataFile& file, const ReadOptions& options) {
  const Arrays arrays = npz_arrays(file.path);
  const auto train = array_named(arrays, "x_train"), test = array_named(arrays, "x_test");
  if (options.member.empty() && train && test) {
    RawData data = read_npz_part(file.path, *train, array_named(arrays, "y_train"), options);
    ReadOptions alike = options;
    if (!alike.schema) alike.schema = schema_of(data);
    return with_test(std::move(data),
                     read_npz_part(file.path, *test, array_named(arrays, "y_test"), alike),
                     {file.path + ": " + *train, file.path + ": " + *test});
  }
  const std::string examples = examples_among(file.path, arrays, options);
  auto labels = array_named(arrays, "y");
  if (!options.labels_member.empty()) labels = options.labels_member;
  if (labels == examples) labels.reset();
  return read_npz_part(file.path, examples, labels, options);
}

}  // namespace

const Format& npz_format = define_format({
    .name = "npz",
    .what = "an archive of NumPy arrays (.npz)",
    .match = [](const DataFile& file) { return match(file, "PK\x03\x04", {"npz"}); },
    .read = read_npz_data,
});

}  // namespace hourglass::internal
