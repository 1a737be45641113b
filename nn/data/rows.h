#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "nn/data/csr.h"
#include "tensor/files/mapped_array.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// Rows [N, example shape...] of which any few can be had as a tensor, wherever they are: in memory,
// in a file that is larger than it, of a sparse matrix, or made by a function. A tensor is such rows as it is, and what
// asks for a tensor of all of them has it. Ranges, selections, shapes and map() are views: they
// share what they are of.
class Rows {
 public:
  // Rows `ids`, `count` of them, each from 0 to N - 1: a tensor [count, example shape...]. Several
  // threads may ask at once.
  using Gather = std::function<Tensor(const std::int32_t* ids, std::int64_t count)>;

  Rows() = default;               // none at all: defined() is false
  Rows(const Tensor& rows);       // NOLINT(google-explicit-constructor): a tensor is rows
  Rows(const MappedArray& rows);  // NOLINT(google-explicit-constructor): likewise
  Rows(std::shared_ptr<const CsrMatrix> rows, DType dtype);  // [N, width]
  // Throws Error where there are more than 2^31 - 1 of them, or without an axis of rows.
  Rows(Shape shape, DType dtype, Gather gather);

  bool defined() const { return memory_.defined() || mapped_ || sparse_ || gather_; }
  const Shape& shape() const { return shape_; }
  DType dtype() const { return dtype_; }
  std::int64_t count() const { return shape_[0]; }
  std::int64_t width() const { return shape_.product(1, shape_.rank()); }  // numbers a row

  Tensor gather(const std::int32_t* ids, std::int64_t count) const;  // copies
  Tensor rows(std::int64_t first, std::int64_t last) const;          // a copy of rows [first, last)
  // Of a sparse matrix's rows: such rows by their entries; how many the most that `count` rows have;
  // else is_sparse() is false. See CsrMatrix.
  bool is_sparse() const { return sparse_ != nullptr; }
  CsrBatch sparse(const std::int32_t* ids, std::int64_t count, std::int64_t capacity) const;
  std::int64_t most_entries(std::int64_t count) const;
  // All of them: what is in memory itself, else a copy. Throws Error where memory is too small.
  Tensor tensor() const;
  operator Tensor() const { return tensor(); }  // NOLINT(google-explicit-constructor): so are they

  Rows range(std::int64_t first, std::int64_t last) const;
  Rows select(std::vector<std::int32_t> ids) const;  // these, in that order
  // As many numbers in as many rows, else Error; all of a tensor or of a file in others.
  Rows reshape(const Shape& shape) const;
  // f of rows [n, ...], which gives as many others, each from its own row alone: of what is in memory
  // at once, of the rest whenever rows are asked for.
  Rows map(const std::function<Tensor(const Tensor& rows)>& f) const;
  Rows cast(DType dtype) const;  // the same numbers in another; a sparse matrix stays one

 private:
  std::vector<std::int32_t> ids_of(std::int64_t first, std::int64_t last) const;
  std::vector<std::int32_t> places_of(const std::int32_t* ids, std::int64_t count) const;
  bool is_whole() const;  // as they lie

  Shape shape_{0};
  DType dtype_ = DType::kF32;
  Tensor memory_;                            // or
  std::optional<MappedArray> mapped_;        // or
  std::shared_ptr<const CsrMatrix> sparse_;  // or
  Gather gather_;
  // Row i is row order[first_ + i] of what is gathered from, or, without an order, first_ + i.
  std::shared_ptr<const std::vector<std::int32_t>> order_;
  std::int64_t first_ = 0;
};

// Those of each of the parts, which have one dtype and one example shape, one after the other.
Rows concatenated(const std::vector<Rows>& parts);

// f(rows [n, ...], the place of the first) for all of them in their order, some at a time: at most
// 4096, and of about four million numbers.
void for_chunks(const Rows& rows,
                const std::function<void(const Tensor& part, std::int64_t first)>& f);

}  // namespace hourglass::nn
