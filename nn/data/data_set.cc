#include "nn/data/data_set.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>

#include "nn/data/batches.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

int rank_of(DataKind kind) {
  switch (kind) {
    case DataKind::kImage:
      return 4;
    case DataKind::kSeries:
      return 3;
    case DataKind::kRow:
    case DataKind::kCounts:
    case DataKind::kActivations:
      break;
  }
  return 2;
}

const char* form_of(DataKind kind) {
  const int rank = rank_of(kind);
  return rank == 4 ? "[N, C, H, W]" : rank == 3 ? "[N, C, T]" : "[N, D]";
}

void check_labels(const DataSet& data) {
  const Tensor& labels = data.labels;
  if (labels.dtype() != DType::kI32 || labels.shape() != Shape{data.count()}) {
    throw Error(fmt::format("data: expected a label an example, i32 [{}]: got {} {}", data.count(),
                            name_of(labels.dtype()), to_string(labels.shape())));
  }
  const std::int32_t* label = labels.data<std::int32_t>();
  const std::int32_t* negative =
      std::find_if(label, label + data.count(), [](std::int32_t each) { return each < 0; });
  if (negative == label + data.count()) return;
  throw Error(fmt::format("data: the label of example {} is {}: expected at least 0",
                          negative - label, *negative));
}

}  // namespace

const EnumNames<DataKind>& names_of(DataKind) {
  static const EnumNames<DataKind> names = {"kind",
                                            {{"image", DataKind::kImage},
                                             {"row", DataKind::kRow},
                                             {"series", DataKind::kSeries},
                                             {"counts", DataKind::kCounts},
                                             {"activations", DataKind::kActivations}}};
  return names;
}

std::string plural(DataKind kind) {
  switch (kind) {
    case DataKind::kImage:
      return "images";
    case DataKind::kRow:
      return "rows";
    case DataKind::kSeries:
      return "windows";
    case DataKind::kCounts:
      return "counts";
    case DataKind::kActivations:
      break;
  }
  return "activations";
}

std::string kind_text(DataKind kind, const Shape& example) {
  const std::int64_t first = example[0];
  switch (kind) {
    case DataKind::kImage:
      return fmt::format("images of {} by {}{}", example[1], example[2],
                         first == 1   ? ""
                         : first == 3 ? " in colour"
                                      : fmt::format(" in {} channels", first));
    case DataKind::kRow:
      return fmt::format("rows of {} column{}", first, first == 1 ? "" : "s");
    case DataKind::kSeries:
      return fmt::format("windows of {} steps of {} channel{}", example[1], first,
                         first == 1 ? "" : "s");
    case DataKind::kCounts:
      return fmt::format("counts of {} things", first);
    case DataKind::kActivations:
      break;
  }
  return fmt::format("activations of {} units", first);
}

std::string kind_text(const DataSet& data) { return kind_text(data.kind, data.example_shape()); }

Tensor DataSet::rows() const { return examples.reshape(Shape{count(), width()}); }

DataSet DataSet::range(std::int64_t first, std::int64_t last) const {
  DataSet part = *this;
  part.examples = examples.rows(first, last);
  if (labels.defined()) part.labels = labels.rows(first, last);
  return part;
}

DataSet DataSet::select(const std::vector<std::int32_t>& indices) const {
  const auto of = [&](const Tensor& t) {
    return gather_rows(t, indices.data(), static_cast<std::int64_t>(indices.size()));
  };
  DataSet part = *this;
  part.examples = of(examples);
  if (labels.defined()) part.labels = of(labels);
  return part;
}

void check(const DataSet& data) {
  if (!data.examples.defined() || data.examples.shape().rank() != rank_of(data.kind)) {
    throw Error(fmt::format(
        "data: expected {} for examples of kind {}: got {}", form_of(data.kind), name_of(data.kind),
        data.examples.defined() ? to_string(data.examples.shape()) : std::string("none")));
  }
  if (data.count() == 0 || data.width() == 0) {
    throw Error(fmt::format("data: there are no examples: {}", to_string(data.examples.shape())));
  }
  if (data.labels.defined()) check_labels(data);
  const std::int64_t columns = data.examples.shape()[1];
  if (data.columns.empty() || static_cast<std::int64_t>(data.columns.size()) == columns) return;
  throw Error(
      fmt::format("data: {} names of columns for {} columns", data.columns.size(), columns));
}

Schema schema_of(const RawData& data) {
  return {data.all.width(), data.all.columns, data.all.categories, data.all.classes,
          data.first_index};
}

std::string checksum(const RawData& data) {
  unsigned long sum = crc32(0, nullptr, 0);
  const auto add = [&](const Tensor& t) {
    if (t.defined()) sum = crc32_z(sum, static_cast<const Bytef*>(t.raw()), t.bytes());
  };
  for (const DataSet* part : {&data.all, data.test ? &*data.test : nullptr}) {
    if (part == nullptr) continue;
    add(part->examples);
    add(part->labels);
  }
  return fmt::format("{:08x}", sum);
}

}  // namespace hourglass::nn
