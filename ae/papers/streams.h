#pragma once

// The streams that a model's graph draws from, one a purpose: draws of one stream are the same
// draw. Far from those of the weights, which count from 0.

#include <cstdint>

namespace hourglass::ae {

inline constexpr std::int64_t kCorruptionStream =
    1000;  // and what follows: one a corruption, twice
inline constexpr std::int64_t kPosteriorStream = 1100;
inline constexpr std::int64_t kPriorStream = 1101;
inline constexpr std::int64_t kProbeStream = 1102;
inline constexpr std::int64_t kNeighbourStream = 1103;
inline constexpr std::int64_t kBinarizeStream = 1104;
inline constexpr std::int64_t kRestartStream = 1105;

}  // namespace hourglass::ae
