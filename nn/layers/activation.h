#pragma once

#include <cstdint>
#include <span>

#include "autograd/graph/var.h"
#include "tensor/enum_names.h"

namespace hourglass::nn {

enum class Activation : std::uint8_t { kIdentity, kRelu, kSigmoid, kTanh, kSoftplus };

Var activate(Activation activation, const Var& x);
const EnumNames<Activation>& names_of(Activation);  // "identity", "relu", ...
using hourglass::name_of;

}  // namespace hourglass::nn
