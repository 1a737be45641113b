#include <algorithm>
#include <cstring>

#include "autograd/compile/loop.h"

namespace hourglass::internal {
namespace {

using kernels::Reduction;

std::byte* at(void* y, std::int64_t element, DType dtype) {
  return static_cast<std::byte*>(y) + static_cast<std::size_t>(element) * size_of(dtype);
}

}  // namespace

void LoopRunner::allocate_sums() {
  const std::int64_t blocks = (tiles_ + tiles_a_block_ - 1) / tiles_a_block_;
  for (Sum& sum : sums_) {
    std::int64_t partials = tiles_;
    if (sum.to == Pattern::kColumn && row_tiles_ == 0) continue;  // a tile holds whole rows
    if (sum.to == Pattern::kRow) partials = blocks > 1 ? blocks * columns_ : 0;
    const std::size_t bytes = static_cast<std::size_t>(partials) * size_of(sum.dtype);
    if (bytes > 0) sum.partial = std::make_unique<std::byte[]>(bytes);
  }
}

// Of the terms that are the step's operand.
void LoopRunner::sum_tile(const Sum& sum, const Tile& tile, const Memory& memory) const {
  if (sum.to == Pattern::kRow) return;  // once the block is there
  const void* terms = memory.operands[0];
  if (sum.partial) {
    std::byte* y = at(sum.partial.get(), tile.index, sum.dtype);
    return kernels::sum_rows(sum.dtype, terms, y, 1, tile.n, tile.n);
  }
  void* output = memory.outputs[static_cast<std::size_t>(sum.output)];
  std::byte* y = at(output, tile.first / columns_, sum.dtype);
  kernels::sum_rows(sum.dtype, terms, y, tile.n / columns_, columns_, columns_);
}

void LoopRunner::sum_block(std::int64_t block, std::span<void* const> outputs) const {
  for (const Sum& sum : sums_) {
    if (sum.to != Pattern::kRow) continue;
    const std::int64_t first = block * rows_a_block_;
    const std::int64_t rows = std::min(rows_a_block_, elements_ / columns_ - first);
    const void* terms =
        at(outputs[static_cast<std::size_t>(sum.terms)], first * columns_, sum.dtype);
    void* y = outputs[static_cast<std::size_t>(sum.output)];
    if (sum.partial) y = at(sum.partial.get(), block * columns_, sum.dtype);
    kernels::sum_columns(sum.dtype, terms, y, rows, columns_, columns_);
  }
}

bool LoopRunner::finish_sums(std::span<void* const> outputs) const {
  const std::int64_t blocks = (tiles_ + tiles_a_block_ - 1) / tiles_a_block_;
  bool finite = true;
  for (const Sum& sum : sums_) {
    const auto output = static_cast<std::size_t>(sum.output);
    if (sum.partial) {
      const std::int64_t n = sum.to == Pattern::kScalar ? tiles_
                             : sum.to == Pattern::kRow  ? blocks
                                                        : row_tiles_;
      const std::int64_t inner = sum.to == Pattern::kRow ? columns_ : 1;
      kernels::reduce(Reduction::kSum, sum.dtype, sum.partial.get(), outputs[output],
                      sum.results / inner, n, inner);
    }
    if (checked_[output]) {
      finite = kernels::all_finite(sum.dtype, outputs[output], sum.results) && finite;
    }
  }
  return finite;
}

bool LoopRunner::sums_of_nothing(std::span<void* const> outputs) const {
  for (const Sum& sum : sums_) {
    void* y = outputs[static_cast<std::size_t>(sum.output)];
    std::memset(y, 0, static_cast<std::size_t>(sum.results) * size_of(sum.dtype));
  }
  return true;
}

}  // namespace hourglass::internal
