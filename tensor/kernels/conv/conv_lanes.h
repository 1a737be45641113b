#pragma once

#include <cstdint>

namespace hourglass::kernels::internal {

// Convolutions by lanes have as many images side by side in vectors, on every target. A number of a
// plane is then a vector: no stride, dilation or narrow row leaves lanes empty, nothing is gathered,
// and what lies in the padding is not multiplied, which changes no bit of finite sums.
constexpr std::int64_t kLaneImages = 16;

}  // namespace hourglass::kernels::internal
