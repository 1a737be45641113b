#pragma once

#include <cstddef>
#include <vector>

namespace hourglass::internal {

// Memory that is needed from instruction `first` to instruction `last`, both included.
struct Buffer {
  std::size_t bytes = 0;
  std::size_t first = 0, last = 0;
};

struct ArenaLayout {
  std::vector<std::size_t> offsets;  // one a buffer
  std::size_t bytes = 0;             // of the arena
  std::size_t alive = 0;             // of the buffers that are needed at the worst moment
  std::size_t worst = 0;             // the first instruction at which that is so
};

// Places the buffers, which come in the order of `first`, so that those needed at one time do not
// overlap. In time close to linear in their number.
ArenaLayout lay_out(const std::vector<Buffer>& buffers);

}  // namespace hourglass::internal
