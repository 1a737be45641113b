#pragma once

#include <cstdint>
#include <string_view>

#include "autograd/graph/var.h"

namespace hourglass::internal {

// Throws Error, in the layer's name, unless x is [B, channels, ...] with the axes that `rest`
// names: "conv2d: expected [B, 3, H, W]: got x=[8, 784]".
void check_channels(std::string_view who, const Var& x, std::int64_t channels,
                    std::string_view rest);

// The same unless x has the axes that `axes` names: "max_pool2d: expected [B, C, H, W]: got
// x=[8, 784]".
void check_axes(std::string_view who, const Var& x, std::string_view axes);

// Throws Error, in the layer's name, for a layer without weights, and for an x of another dtype:
// "linear: dtypes differ: x is u8, the weights are f32: use cast(x, DType::kF32)".
void check_weights(std::string_view who, const Var& weight, const Var& x);

}  // namespace hourglass::internal
