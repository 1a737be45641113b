#pragma once

#include <cstdint>

namespace hourglass::kernels::internal {

// Throws Error for the first index outside [0, n), whatever thread sees it first, as `who: index
// out of range: indices[3] = 12: expected 0 to 9`; `array` is what the indices are called. With
// `columns`, they are a matrix of that width.
void check_indices(const char* who, const char* array, const std::int32_t* indices,
                   std::int64_t count, std::int64_t n, std::int64_t columns = 0);

}  // namespace hourglass::kernels::internal
