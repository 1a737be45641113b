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

void check_count(double x, std::int64_t row, std::int64_t column, const std::string& path) {
  if (x >= 0 && x < 2147483648.0 && x == std::floor(x)) return;
  fail_data(path,
            fmt::format("row {}, column {}: expected a count, found {}", row + 1, column + 1, x));
}

// By their entries: of a file's few bytes, a dense row may be of 2^31 numbers.
void check_sparse_counts(const Rows& rows, const std::string& path) {
  for (std::int32_t row = 0; row < rows.count(); ++row) {
    const CsrBatch batch = rows.sparse(&row, 1, rows.range(row, row + 1).most_entries(1));
    for (std::int64_t p = 0; p < batch.values.elements(); ++p) {
      check_count(batch.values.at(p), row, batch.columns.data<std::int32_t>()[p], path);
    }
  }
}

// Whole numbers from 0 on, as i32.
Rows as_counts(const DataSet& data, const std::string& path) {
  if (data.examples.is_sparse()) {
    check_sparse_counts(data.examples, path);
  } else {
    const std::int64_t columns = data.width();
    for_chunks(data.examples, [&](const Tensor& part, std::int64_t first) {
      for (std::int64_t i = 0; i < part.elements(); ++i) {
        check_count(part.at(i), first + i / columns, i % columns, path);
      }
    });
  }
  return data.examples.cast(DType::kI32);
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
