#pragma once

#include <cstddef>
#include <cstdint>

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// The four words of each of `blocks` blocks from number `block` on, any in [0, 2^64): what
// philox_words is made of, for the known-answer test, whose counters no element number reaches.
void philox_blocks(const RandomStream& random, std::uint64_t block, std::uint32_t* y,
                   std::size_t blocks);

}  // namespace hourglass::kernels::internal
