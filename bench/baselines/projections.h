#pragma once

#include <cstdint>

#include "nn/data/rows.h"
#include "tensor/tensor.h"

namespace hourglass::bench {

// Linear maps of rows [N, D] to fewer numbers, f32 [N, k], as a matrix V f32 [k, D] each.

// Latent semantic analysis (Deerwester et al., "Indexing by latent semantic analysis", 1990): V holds
// the first k right singular vectors of the rows, which are not centred. From the eigenvectors of
// X' X [D, D]. Throws Error unless 1 <= k <= D.
Tensor latent_semantic_axes(const nn::Rows& rows, std::int64_t k);

// A random projection, V of N(0, 1 / k): distances are kept to a factor near 1 (Johnson &
// Lindenstrauss 1984; Dasgupta & Gupta, "An elementary proof of a theorem of Johnson and
// Lindenstrauss", 2003).
Tensor random_axes(std::int64_t width, std::int64_t k, std::uint64_t seed);

// Iterative quantization (Gong & Lazebnik, "Iterative quantization: a Procrustean approach to learning
// binary codes", 2011): V holds the first k principal components, turned among themselves, 50 times from
// a turn drawn from the seed, so that centred rows are as near as may be to the corners that the signs of
// V x name. Throws Error unless 1 <= k <= D and the rows vary in so many directions.
Tensor quantization_axes(const nn::Rows& rows, std::int64_t k, std::uint64_t seed);

// V x of each row.
Tensor projected(const nn::Rows& rows, const Tensor& axes);

}  // namespace hourglass::bench
