#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "autograd/graph/var.h"

namespace hourglass::nn {

enum class Activation : std::uint8_t { kIdentity, kRelu, kSigmoid, kTanh, kSoftplus };

Var activate(Activation activation, const Var& x);
std::string_view name_of(Activation activation);  // "identity", "relu", ...

// The activation of that name; throws Error, listing all, if there is none.
Activation activation_named(std::string_view name);

}  // namespace hourglass::nn
