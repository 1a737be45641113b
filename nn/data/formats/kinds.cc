#include "nn/data/formats/kinds.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "nn/data/formats/format.h"
#include "tensor/files/input_file.h"

namespace hourglass::internal {

using namespace nn;

namespace {

bool is_flat(DataKind kind) {
  return kind == DataKind::kRow || kind == DataKind::kCounts || kind == DataKind::kActivations;
}

// Whole numbers from 0 on, as i32.
Rows as_counts(const DataSet& data, const std::string& path) {
  const std::int64_t columns = data.width();
  for_chunks(data.examples, [&](const Tensor& part, std::int64_t first) {
    for (std::int64_t i = 0; i < part.elements(); ++i) {
      const double x = part.at(i);
      if (x >= 0 && x < 2147483648.0 && x == std::floor(x)) continue;
      fail_data(path, fmt::format("row {}, column {}: expected a count, found {}",
                                  first + i / columns + 1, i % columns + 1, x));
    }
  });
  return data.examples.map([](const Tensor& rows) { return rows.cast(DType::kI32); });
}

void become(DataSet& data, DataKind kind, const std::string& path) {
  if (data.kind == kind) return;
  const bool flat = is_flat(data.kind) || (data.kind == DataKind::kImage && kind == DataKind::kRow);
  if (!is_flat(kind) || !flat) {
    fail_data(path, fmt::format("expected examples of kind {}, found kind {}, {}", name_of(kind),
                                name_of(data.kind), to_string(data.examples.shape())));
  }
  data.examples = data.rows();
  if (kind == DataKind::kCounts) data.examples = as_counts(data, path);
  data.kind = kind;
}

}  // namespace

void become(RawData& data, DataKind kind, const std::string& path) {
  become(data.all, kind, path);
  if (data.test) become(*data.test, kind, path);
}

}  // namespace hourglass::internal
