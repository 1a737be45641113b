#pragma once

#include <cstdint>
#include <vector>

#include "ae/measure/neighbours.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Codes of bits, packed (semantic hashing: Salakhutdinov & Hinton, "Semantic hashing", 2009): bit b
// of code i is bit b mod 64 of words[b / 64 * count + i].
struct BinaryCodes {
  std::int64_t count = 0, bits = 0;
  std::vector<std::uint64_t> words;  // [words a code, count]; what is above the bits is 0

  std::int64_t words_each() const { return (bits + 63) / 64; }
  bool bit(std::int64_t code, std::int64_t b) const;
};

// The median of each column of codes [N, H] (f32), f32 [H]; of an even number the lower of the two in
// the middle. Throws Error without rows.
Tensor column_medians(const Tensor& codes);

// One bit a number of codes [N, H] (f32): whether it is above its column's threshold (f32 [H]).
// Throws Error for another width.
BinaryCodes binarised(const Tensor& codes, const Tensor& thresholds);

// The k items that differ from each query in the fewest bits (Hamming's distance), of equals those
// that come first, by a pass over all items. Throws Error unless both have as many bits and
// 1 <= k <= items.count.
Neighbours k_nearest(const BinaryCodes& queries, const BinaryCodes& items, std::int64_t k);

// Hamming-ball look-up with re-ranking: of the items that differ from a query in at most `radius`
// bits the k nearest by their real codes (row i of `reals` is item i). Where fewer than k are in the
// ball, the places left over have index -1 and distance infinity. Throws Error as k_nearest does, where
// the counts differ, and for a radius below 0.
Neighbours k_nearest_in_ball(const BinaryCodes& queries, const BinaryCodes& items,
                             std::int64_t radius, const Tensor& real_queries, const Tensor& reals,
                             std::int64_t k, Metric metric = Metric::kEuclidean);

}  // namespace hourglass::ae
