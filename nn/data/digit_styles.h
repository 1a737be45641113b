#pragma once

#include <span>
#include <vector>

namespace hourglass::internal {

// A point that the pen passes through, in percent of the digit's height: x to the right, y down.
// At a corner it turns sharply, elsewhere along a smooth curve.
struct Knot {
  float x = 0, y = 0;
  bool corner = false;
};

using Stroke = std::vector<Knot>;  // from where the pen is put down to where it is lifted
using DigitStyle = std::vector<Stroke>;

// The ways in which we write a digit (0 to 9), the common ones repeated: pick one at random.
std::span<const DigitStyle> digit_styles(int digit);

}  // namespace hourglass::internal
