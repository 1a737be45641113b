#pragma once

// The one copy that transpose, gather_strided, scatter_strided and take are made of.

#include <cstddef>
#include <cstdint>

#include "tensor/kernels/move/copy_plane.h"
#include "tensor/short_vector.h"

namespace hourglass::kernels::internal {

using hourglass::internal::ShortVector;

// to[sum i[d] * axes[d].to] = from[sum i[d] * axes[d].from] for every index i. Strides may be
// negative, those of `from` zero; no two indices may meet in `to`. Element sizes 1, 4 and 8.
void strided_copy(std::size_t element_size, ShortVector<CopyAxis> axes, const void* from, void* to);

}  // namespace hourglass::kernels::internal
