#include "nn/data/formats/arrays.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "nn/data/formats/format.h"
#include "nn/data/formats/image_arrays.h"
#include "nn/data/formats/missing.h"
#include "tensor/counted.h"
#include "tensor/error.h"

namespace hourglass::internal {

using namespace nn;

namespace {

Rows as_table(const Rows& array) { return array.reshape(Shape{array.count(), array.width()}); }

RawData from_series(const std::string& path, const Rows& array, const ReadOptions& options) {
  if (array.shape().rank() > 2) {
    fail_data(path, fmt::format("expected a series [T, C]: found {} {}", name_of(array.dtype()),
                                to_string(array.shape())));
  }
  RawData data{.all = {.kind = DataKind::kSeries, .examples = as_table(array)}};
  data.recordings = {array.shape()[0]};
  settle_missing(data, options, path, cell_numbers());
  return data;
}

RawData from_activations(const std::string& path, const Rows& array, const ReadOptions& options) {
  const Shape& shape = array.shape();
  const std::int64_t width = shape.rank() == 1 ? 1 : shape[-1];
  RawData data{.all = {.kind = DataKind::kActivations,
                       .examples = array.reshape(Shape{shape.elements() / width, width})}};
  if (shape.rank() > 2) {
    data.notes.push_back(fmt::format("{}: taken as {} of {}", to_string(shape),
                                     internal::counted(data.all.count(), "activation"),
                                     internal::counted(width, "unit")));
  }
  settle_missing(data, options, path, cell_numbers());
  return data;
}

// Rows are numbered in i32.
void check_count(const std::string& path, const Shape& shape, std::optional<DataKind> kind) {
  constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
  const bool units = kind == DataKind::kActivations && shape.rank() > 1;
  const std::int64_t count = units ? shape.elements() / shape[-1] : shape[0];
  if (count <= kMost) return;
  fail_data(path, fmt::format("holds {} examples: expected at most {}", count, kMost));
}

RawData of_kind(const std::string& path, const Rows& array, Stored stored, DataKind kind,
                const ReadOptions& options) {
  if (kind == DataKind::kSeries) return from_series(path, array, options);
  if (kind == DataKind::kActivations) return from_activations(path, array, options);
  if (kind == DataKind::kImage) return from_image_array(path, array, stored, options);
  RawData data{.all = {.kind = DataKind::kRow, .examples = as_table(array)}};
  settle_missing(data, options, path, cell_numbers());
  return data;
}

}  // namespace

RawData from_array(const std::string& path, const Rows& array, Stored stored,
                   const ReadOptions& options) {
  const int rank = array.shape().rank();
  if (rank == 0 || rank > 4) {
    fail_data(path, fmt::format("expected [N, D], [N, H, W], [N, C, H, W] or [N, H, W, C]: found "
                                "{} {}",
                                name_of(array.dtype()), to_string(array.shape())));
  }
  if (array.shape().elements() == 0) {
    fail_data(path, "holds no examples: " + to_string(array.shape()));
  }
  check_count(path, array.shape(), options.kind);
  const DataKind kind = options.series ? DataKind::kSeries
                        : options.kind ? *options.kind
                        : rank > 2     ? DataKind::kImage
                                       : DataKind::kRow;
  RawData data = of_kind(path, array, stored, kind, options);
  data.all.stored = stored;
  return data;
}

std::string examples_among(const std::string& path, const std::vector<ArrayHeader>& arrays,
                           const ReadOptions& options) {
  std::vector<std::string> x, tables, larger;
  std::string list;
  for (const ArrayHeader& array : arrays) {
    if (array.name == options.member) return array.name;
    if (lower_case(array.name) == "x") x.push_back(array.name);
    if (array.sizes.size() == 2) tables.push_back(array.name);
    if (array.sizes.size() > 2) larger.push_back(array.name);
    if (list.size() > 400) continue;
    list += fmt::format("{}{} {}", list.empty() ? "" : ", ", printable(array.name, 100),
                        sizes_text(array.sizes));
  }
  if (list.empty()) list = "none";
  if (!options.member.empty()) {
    fail_data(path, fmt::format("no array {}: found {}", in_quotes(options.member), list));
  }
  for (const auto& only : {x, tables, larger}) {
    if (only.size() == 1) return only[0];
    if (!only.empty()) break;
  }
  fail_data(path, "which array holds the examples (--member)? Found " + list);
}

}  // namespace hourglass::internal
