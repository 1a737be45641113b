#pragma once

#include "tensor/tensor.h"

namespace hourglass::ae {

// Codes as whole numbers, column by column: symbol = round((h - mean) / step), and back
// h = mean + step * symbol, off by half a step at most. A column whose step is 0 is its mean.
struct CodeQuantiser {
  Tensor means, steps;  // f32 [H]

  // i32 [N, H] of codes f32 [N, H]. Throws Error for another width, and naming a number that is not
  // finite or more than 2^30 steps away.
  Tensor symbols(const Tensor& codes) const;
  Tensor codes(const Tensor& symbols) const;  // f32 [N, H]; Error for another width
};

// Steps of so many deviations of each column of codes [N, H]: those that a model was trained on. One
// of 8 / 2^b gives a column of normal numbers about b bits and few symbols beyond them. Throws Error
// unless step > 0.
CodeQuantiser fit_quantiser(const Tensor& codes, double step);

}  // namespace hourglass::ae
