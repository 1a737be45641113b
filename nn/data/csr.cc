#include "nn/data/csr.h"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>

#include "tensor/error.h"

namespace hourglass::nn {
namespace {

constexpr std::int64_t kMostIndices = std::numeric_limits<std::int32_t>::max();

// f(i, first, last) for each row, its entries in [first, last).
template <class F>
void for_rows(const CsrMatrix& m, const std::vector<std::int32_t>& ids, F f) {
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (ids[i] < 0 || ids[i] >= m.rows()) {
      throw Error(fmt::format("sparse rows: row {} of {}: expected 0 to {}", ids[i], m.rows(),
                              m.rows() - 1));
    }
    const auto row = static_cast<std::size_t>(ids[i]);
    f(i, m.row_starts[row], m.row_starts[row + 1]);
  }
}

void check_row(const std::string& name, const CsrMatrix& m, std::size_t row) {
  for (auto p = static_cast<std::size_t>(m.row_starts[row]);
       p < static_cast<std::size_t>(m.row_starts[row + 1]); ++p) {
    const std::int32_t column = m.columns[p];
    if (column < 0 || column >= m.width) {
      throw Error(
          fmt::format("{}: row {}: column {}: expected 0 to {}", name, row, column, m.width - 1));
    }
    if (p > static_cast<std::size_t>(m.row_starts[row]) && column <= m.columns[p - 1]) {
      throw Error(fmt::format("{}: row {}: columns must rise: {} after {}", name, row, column,
                              m.columns[p - 1]));
    }
  }
}

}  // namespace

void CsrMatrix::check(const std::string& name) const {
  if (width < 1 || width > kMostIndices) {
    throw Error(fmt::format("{}: the width must be 1 to {}: got {}", name, kMostIndices, width));
  }
  if (values.size() != columns.size()) {
    throw Error(
        fmt::format("{}: needs a column a value: {} vs {}", name, columns.size(), values.size()));
  }
  if (row_starts.empty() || row_starts.front() != 0 || row_starts.back() != entries() ||
      !std::is_sorted(row_starts.begin(), row_starts.end())) {
    throw Error(fmt::format("{}: row starts must rise from 0 to the entries, {}", name, entries()));
  }
  for (std::size_t row = 0; row + 1 < row_starts.size(); ++row) check_row(name, *this, row);
}

std::int64_t CsrMatrix::most_entries(std::int64_t count) const {
  std::vector<std::int32_t> all(static_cast<std::size_t>(rows()));
  std::iota(all.begin(), all.end(), 0);
  return most_entries(all, count);
}

std::int64_t CsrMatrix::most_entries(const std::vector<std::int32_t>& ids,
                                     std::int64_t count) const {
  std::vector<std::int64_t> lengths(ids.size());
  for_rows(*this, ids, [&](std::size_t i, std::int64_t first, std::int64_t last) {
    lengths[i] = last - first;
  });
  const auto last =
      lengths.begin() + std::clamp<std::int64_t>(count, 0, static_cast<std::int64_t>(ids.size()));
  std::partial_sort(lengths.begin(), last, lengths.end(), std::greater<>());
  return std::accumulate(lengths.begin(), last, std::int64_t{0});
}

CsrBatch CsrMatrix::batch(const std::vector<std::int32_t>& ids, std::int64_t capacity) const {
  if (capacity < 0 || capacity > kMostIndices) {
    throw Error(
        fmt::format("sparse rows: the capacity must be 0 to {}: got {}", kMostIndices, capacity));
  }
  CsrBatch batch{Tensor(Shape{capacity}, DType::kF32), Tensor(Shape{capacity}, DType::kI32),
                 Tensor(Shape{static_cast<std::int64_t>(ids.size()) + 1}, DType::kI32)};
  std::int64_t end = 0;
  for_rows(*this, ids, [&](std::size_t i, std::int64_t first, std::int64_t last) {
    const std::int64_t start = end;
    end += last - first;
    if (end > capacity) {
      throw Error(fmt::format("sparse rows: {} rows do not fit into a capacity of {} entries",
                              ids.size(), capacity));
    }
    std::copy(values.begin() + first, values.begin() + last, batch.values.data<float>() + start);
    std::copy(columns.begin() + first, columns.begin() + last,
              batch.columns.data<std::int32_t>() + start);
    batch.row_starts.data<std::int32_t>()[i + 1] = static_cast<std::int32_t>(end);
  });
  return batch;
}

Tensor CsrMatrix::dense(const std::vector<std::int32_t>& ids, DType dtype) const {
  Tensor x(Shape{static_cast<std::int64_t>(ids.size()), width}, dtype);
  visit(dtype, [&](auto zero) {
    using T = decltype(zero);
    for_rows(*this, ids, [&](std::size_t i, std::int64_t first, std::int64_t last) {
      T* row = x.data<T>() + static_cast<std::int64_t>(i) * width;
      for (auto p = static_cast<std::size_t>(first); p < static_cast<std::size_t>(last); ++p) {
        row[columns[p]] = static_cast<T>(values[p]);
      }
    });
  });
  return x;
}

}  // namespace hourglass::nn
