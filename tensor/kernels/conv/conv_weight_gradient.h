#pragma once

// The gradient of a convolution's weights without patches: tap by tap, numbers of x where they lie
// times vectors of outputs, over the places whose tap lies inside of the image.

#include <cstdint>

#include "tensor/dtype.h"
#include "tensor/kernels.h"
#include "tensor/kernels/conv/conv_patches.h"

namespace hourglass::kernels::internal {

// Outputs come in panels, as wide as the target at hand likes them.
struct TapPanels {
  std::int64_t first = 0, last = 0;
};
TapPanels tap_panels(DType dtype, const Conv2d& conv);  // all of a group's

// Numbers that hold the sums of some panels of every group.
std::int64_t tap_sums_elements(DType dtype, const Conv2d& conv, const TapPanels& panels);

// One group's sums over the places of a tile, whose channels it passes over: fma(x, g, sum) in order
// of images, rows and columns, from 0 or, with `resume`, from the sums so far.
void add_tap_sums(const Conv2d& conv, const PatchTile& tile, const TapPanels& panels,
                  std::int64_t group, bool resume, const float* x, const float* g, float* sums);
void add_tap_sums(const Conv2d& conv, const PatchTile& tile, const TapPanels& panels,
                  std::int64_t group, bool resume, const double* x, const double* g, double* sums);

// The sums of `count` runs of images, one run after the other, joined by the tree of reduce, as
// their panels' part of w [out_channels, in_channels a group, kernel_h, kernel_w].
void place_tap_sums(const Conv2d& conv, const TapPanels& panels, std::int64_t count,
                    const float* sums, float* w);
void place_tap_sums(const Conv2d& conv, const TapPanels& panels, std::int64_t count,
                    const double* sums, double* w);

}  // namespace hourglass::kernels::internal
