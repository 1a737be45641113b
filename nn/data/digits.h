#pragma once

#include <cstdint>

#include "nn/data/data_set.h"

namespace hourglass::nn {

// Digits as if written by many hands, 28x28, white on black, with their classes: the data set that
// needs no download. Strokes of several styles a class go through random wobble, slant, rotation,
// scale, shift, thickness and grain, and are drawn with soft edges into the middle 20x20 pixels or
// so. Every ten images, from the first, hold each class once. Image i is a function of (seed, i)
// alone: the same bytes for any count, on any machine and any number of threads. Throws Error
// unless count > 0.
DataSet digits(std::int64_t count, std::uint64_t seed);

}  // namespace hourglass::nn
