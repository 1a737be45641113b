#pragma once

// The inner loops of strided_copy, over its two innermost axes.

#include <cstddef>
#include <cstdint>

namespace hourglass::kernels::internal {

// One axis of a copy: how many steps, and how far a step goes on either side, in elements.
struct CopyAxis {
  std::int64_t size = 0;
  std::int64_t to = 0;
  std::int64_t from = 0;
};

// to[i * outer.to + j * inner.to] = from[i * outer.from + j * inner.from] for the indices of both
// axes. Element sizes 1, 4, 8 and 16. `to` and `from` have any alignment and do not overlap.
void copy_plane(std::size_t element_size, const CopyAxis& outer, const CopyAxis& inner,
                const char* from, char* to);

}  // namespace hourglass::kernels::internal
