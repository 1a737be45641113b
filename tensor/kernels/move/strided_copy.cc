#include "tensor/kernels/move/strided_copy.h"

#include <algorithm>
#include <utility>

#include "tensor/kernels/move/repeat_numbers.h"
#include "tensor/parallel.h"

namespace hourglass::kernels::internal {
namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{1} << 18;  // what one thread takes at a time
constexpr std::int64_t kTransposeTile = 128;                 // elements a side, of such a block

// A copy in a form that many others share: only axes longer than 1, the longest step in `to`
// first, no negative step in `to`, and no two axes that are one.
struct Copy {
  std::int64_t element_size = 0;
  ShortVector<CopyAxis> axes;
  const char* from = nullptr;
  char* to = nullptr;
};

void drop_and_flip(Copy& copy) {
  const auto longer = std::remove_if(copy.axes.begin(), copy.axes.end(),
                                     [](const CopyAxis& axis) { return axis.size == 1; });
  copy.axes.resize(static_cast<std::size_t>(longer - copy.axes.begin()));
  for (CopyAxis& axis : copy.axes) {
    if (axis.to >= 0) continue;
    copy.to += (axis.size - 1) * axis.to * copy.element_size;
    copy.from += (axis.size - 1) * axis.from * copy.element_size;
    axis.to = -axis.to;
    axis.from = -axis.from;
  }
}

void merge(ShortVector<CopyAxis>& axes) {
  // Stable, by insertion: std::stable_sort allocates.
  for (CopyAxis* axis = axes.begin(); axis != axes.end(); ++axis) {
    CopyAxis* place =
        std::upper_bound(axes.begin(), axis, *axis,
                         [](const CopyAxis& a, const CopyAxis& b) { return a.to > b.to; });
    std::rotate(place, axis, axis + 1);
  }
  std::size_t kept = 0;
  for (const CopyAxis& axis : axes) {
    if (kept > 0) {
      CopyAxis& before = axes[kept - 1];
      if (before.to == axis.to * axis.size && before.from == axis.from * axis.size) {
        before = {before.size * axis.size, axis.to, axis.from};
        continue;
      }
    }
    axes[kept++] = axis;
  }
  axes.resize(kept);
}

// A short dense run of 4, 8 or 16 bytes is one larger element: the pairs of a transpose of
// [rows, columns, 2], for example.
void widen(Copy& copy) {
  if (copy.axes.size() < 2) return;
  const CopyAxis run = copy.axes.back();
  const std::int64_t bytes = run.size * copy.element_size;
  if (run.to != 1 || run.from != 1 || (bytes != 4 && bytes != 8 && bytes != 16)) return;
  for (const CopyAxis& axis : copy.axes) {
    if (&axis == &copy.axes.back()) break;
    if (axis.to % run.size != 0 || axis.from % run.size != 0) return;
  }
  copy.axes.pop_back();
  for (CopyAxis& axis : copy.axes) {
    axis.to /= run.size;
    axis.from /= run.size;
  }
  copy.element_size = bytes;
}

bool is_transpose(const Copy& copy) {
  const std::size_t rank = copy.axes.size();
  if (rank < 2) return false;
  const CopyAxis& inner = copy.axes[rank - 1];
  return inner.to == 1 && inner.from != 0 && inner.from != 1 && copy.axes[rank - 2].from == 1;
}

// Where the innermost axis is dense in `to` and another one in `from`, that one goes next to it,
// so that both are walked in tiles.
void pair_dense_axes(ShortVector<CopyAxis>& axes) {
  if (axes.size() < 2) return;
  const CopyAxis& inner = axes.back();
  if (inner.to != 1 || inner.from == 0 || inner.from == 1) return;
  const auto last = axes.end() - 1;
  const auto dense =
      std::find_if(axes.begin(), last, [](const CopyAxis& axis) { return axis.from == 1; });
  if (dense != last) std::rotate(dense, dense + 1, last);
}

// How much of each axis a block takes: the innermost axes whole, as far as they fit, but a
// transpose in squares.
ShortVector<std::int64_t> block_sizes(const Copy& copy) {
  const std::size_t rank = copy.axes.size();
  ShortVector<std::int64_t> sizes(rank, 1);
  std::int64_t budget = kBlockBytes / copy.element_size;
  if (is_transpose(copy)) {
    for (std::size_t d = rank - 2; d < rank; ++d) {
      sizes[d] = std::min(copy.axes[d].size, kTransposeTile);
      budget /= sizes[d];
    }
  }
  for (std::size_t d = rank; d-- > 0 && budget > 1;) {
    const std::int64_t more = std::min((copy.axes[d].size + sizes[d] - 1) / sizes[d], budget);
    sizes[d] = std::min(copy.axes[d].size, sizes[d] * more);
    budget /= more;
    if (sizes[d] < copy.axes[d].size) break;
  }
  return sizes;
}

// Block number `block` of the grid that `sizes` lays over the axes; the last of an axis is shorter.
Copy part_of(const Copy& copy, std::int64_t block, const ShortVector<std::int64_t>& sizes) {
  Copy part = copy;
  for (std::size_t d = copy.axes.size(); d-- > 0;) {
    const CopyAxis& axis = copy.axes[d];
    const std::int64_t blocks = (axis.size + sizes[d] - 1) / sizes[d];
    const std::int64_t first = block % blocks * sizes[d];
    block /= blocks;
    part.from += first * axis.from * copy.element_size;
    part.to += first * axis.to * copy.element_size;
    part.axes[d].size = std::min(sizes[d], axis.size - first);
  }
  return part;
}

// Is each number of a row written a few times in a row, as in images that are enlarged?
bool repeats_numbers(const Copy& copy) {
  const std::size_t rank = copy.axes.size();
  if (rank < 2 || (copy.element_size != 4 && copy.element_size != 8)) return false;
  const CopyAxis &outer = copy.axes[rank - 2], &inner = copy.axes[rank - 1];
  return inner.to == 1 && inner.from == 0 && inner.size >= 2 && inner.size <= kMostRepeats &&
         outer.from == 1 && outer.to == inner.size;
}

// The innermost axes by copy_plane or repeat_numbers, the others by counting.
void copy_serial(Copy copy) {
  const auto element_size = static_cast<std::size_t>(copy.element_size);
  const bool repeats = repeats_numbers(copy);
  const std::size_t taken = repeats ? 4 : 2;
  while (copy.axes.size() < taken) copy.axes.push_front({1, 0, 0});
  const std::size_t rank = copy.axes.size() - taken;
  const CopyAxis* const inner = copy.axes.begin() + rank;
  ShortVector<std::int64_t> index(rank, 0);
  for (;;) {
    if (repeats) {
      const RepeatedRows rows{inner[0], inner[1], inner[2].size, inner[3].size};
      repeat_numbers(element_size, rows, copy.from, copy.to);
    } else {
      copy_plane(element_size, inner[0], inner[1], copy.from, copy.to);
    }
    std::size_t d = rank;
    for (; d > 0; --d) {
      const CopyAxis& axis = copy.axes[d - 1];
      copy.from += axis.from * copy.element_size;
      copy.to += axis.to * copy.element_size;
      if (++index[d - 1] < axis.size) break;
      index[d - 1] = 0;
      copy.from -= axis.size * axis.from * copy.element_size;
      copy.to -= axis.size * axis.to * copy.element_size;
    }
    if (d == 0) return;
  }
}

}  // namespace

void strided_copy(std::size_t element_size, ShortVector<CopyAxis> axes, const void* from,
                  void* to) {
  std::int64_t bytes = static_cast<std::int64_t>(element_size);
  for (const CopyAxis& axis : axes) bytes *= axis.size;
  if (bytes == 0) return;

  Copy copy{static_cast<std::int64_t>(element_size), std::move(axes),
            static_cast<const char*>(from), static_cast<char*>(to)};
  drop_and_flip(copy);
  merge(copy.axes);
  widen(copy);
  pair_dense_axes(copy.axes);
  if (bytes <= kBlockBytes) return copy_serial(std::move(copy));

  const ShortVector<std::int64_t> sizes = block_sizes(copy);
  std::int64_t blocks = 1;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    blocks *= (copy.axes[d].size + sizes[d] - 1) / sizes[d];
  }
  parallel_for(blocks, [&](std::int64_t block) { copy_serial(part_of(copy, block, sizes)); });
}

}  // namespace hourglass::kernels::internal
