#pragma once

#include <vector>

#include "tensor/tensor.h"

namespace hourglass::tools {

// Plain charts without words, u8 [H, W, 3].

// How often numbers of two sets occur: of `known` as grey bars, of `others` as blue lines, each as a
// share of its set, from 0 to beyond the threshold, a red line; what lies farther out is in the last bar.
Tensor histogram(const std::vector<double>& known, const std::vector<double>& others,
                 double threshold);

// Numbers one after the other, blue, over a red line at the threshold; where `marked` says so the
// ground is light red. Where there are more than pixels the largest is shown. NaN is left out.
Tensor course(const std::vector<double>& numbers, const std::vector<bool>& marked,
              double threshold);

}  // namespace hourglass::tools
