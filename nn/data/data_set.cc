#include "nn/data/data_set.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <utility>

#include "tensor/counted.h"
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

// All rows in their order, or, where they are more than 1 GiB, about so much of them: pieces of 1
// MiB at equal distances, the first and the last among them.
template <class F>
void for_pieces(const Rows& rows, F&& f) {
  constexpr std::int64_t kPiece = std::int64_t{1} << 20, kMost = 1024;
  const std::int64_t row = rows.width() * static_cast<std::int64_t>(size_of(rows.dtype()));
  const std::int64_t piece = std::max<std::int64_t>(1, kPiece / std::max<std::int64_t>(row, 1));
  const std::int64_t count = (rows.count() + piece - 1) / piece;
  const std::int64_t taken = std::min(count, kMost);
  for (std::int64_t i = 0; i < taken; ++i) {
    const std::int64_t at = taken == count ? i : i * (count - 1) / (taken - 1);
    f(rows.rows(at * piece, std::min((at + 1) * piece, rows.count())));
  }
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
      return "rows of " + internal::counted(first, "column");
    case DataKind::kSeries:
      return fmt::format("windows of {} of {}", internal::counted(example[1], "step"),
                         internal::counted(first, "channel"));
    case DataKind::kCounts:
      return "counts of " + internal::counted(first, "thing");
    case DataKind::kActivations:
      break;
  }
  return "activations of " + internal::counted(first, "unit");
}

std::string kind_text(const DataSet& data) { return kind_text(data.kind, data.example_shape()); }

Rows DataSet::rows() const { return examples.reshape(Shape{count(), width()}); }

DataSet DataSet::range(std::int64_t first, std::int64_t last) const {
  DataSet part = *this;
  part.examples = examples.range(first, last);
  if (labels.defined()) part.labels = labels.rows(first, last);
  return part;
}

DataSet DataSet::select(std::vector<std::int32_t> indices) const {
  DataSet part = *this;
  if (labels.defined()) part.labels = Rows(labels).select(indices).tensor();
  part.examples = examples.select(std::move(indices));
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
      fmt::format("data: expected a name a column, {}: got {}", columns, data.columns.size()));
}

Schema schema_of(const RawData& data) {
  return {data.all.width(), data.all.columns, data.all.categories, data.all.classes,
          data.first_index};
}

std::string checksum(const RawData& data) {
  unsigned long sum = crc32(0, nullptr, 0);
  const auto add = [&](const Rows& rows) {
    if (!rows.defined()) return;
    for_pieces(rows, [&](const Tensor& t) {
      sum = crc32_z(sum, static_cast<const Bytef*>(t.raw()), t.bytes());
    });
  };
  for (const DataSet* part : {&data.all, data.test ? &*data.test : nullptr}) {
    if (part == nullptr) continue;
    add(part->examples);
    add(part->labels);
  }
  return fmt::format("{:08x}", sum);
}

}  // namespace hourglass::nn
