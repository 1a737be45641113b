#pragma once

// An inner loop of strided_copy: images that are enlarged.

#include <cstddef>
#include <cstdint>

#include "tensor/kernels/move/copy_plane.h"

namespace hourglass::kernels::internal {

constexpr std::int64_t kMostRepeats = 4;

// Rows of `columns` numbers, of which each is written `times` times, 2 to kMostRepeats.
struct RepeatedRows {
  CopyAxis outer, inner;  // from row to row
  std::int64_t columns, times;
};

// Element sizes 4 and 8. `to` and `from` have any alignment and do not overlap.
void repeat_numbers(std::size_t element_size, const RepeatedRows& rows, const void* from, void* to);

}  // namespace hourglass::kernels::internal
