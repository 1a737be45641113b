#pragma once

#include <string>

#include "tensor/tensor.h"

namespace hourglass {

// What NPZ and safetensors files hold, in the order of the file.
struct NamedTensor {
  std::string name;
  Tensor value;
};

}  // namespace hourglass
