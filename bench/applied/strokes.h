#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::bench {

// A step of a pen (stroke-3, as sketch-rnn has it): from where it is, and whether it is lifted after it.
struct PenStep {
  std::int16_t dx = 0, dy = 0, lifted = 0;
};
using Drawing = std::vector<PenStep>;

// A file of drawings, gzip or plain, little-endian: int32 how many, then of each int32 its steps and
// three int16 a step. Throws FileError naming the place where it breaks off or a number is impossible.
std::vector<Drawing> read_strokes(const std::string& path);

// Drawings as images u8 [N, 28, 28], white on black: each scaled as a whole into the middle 22 x 22
// pixels, lines of about 2 pixels with soft edges.
Tensor drawn(const std::vector<Drawing>& drawings);

}  // namespace hourglass::bench
