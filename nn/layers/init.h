#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "tensor/enum_names.h"
#include "tensor/random.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// Where a model's first weights come from: each draw takes a stream of its own, in the order of the
// calls, so a model is a function of its seed.
struct InitSource {
  explicit InitSource(std::uint64_t seed) : key(key_of(seed)) {}
  Key key;
  std::uint32_t next_stream = 0;
  bool measuring = false;  // makes no numbers, only leaves that know their shapes
};

enum class Init : std::uint8_t {
  kTorch,  // weight and bias uniform in +-1 / sqrt(fan_in): torch.nn.Linear's and Conv2d's default
  kXavierUniform,   // Glorot & Bengio 2010: uniform in +-sqrt(6 / (fan_in + fan_out)); bias 0
  kXavierNormal,    // normal, variance 2 / (fan_in + fan_out); bias 0
  kKaimingUniform,  // He et al. 2015, for ReLU: uniform in +-sqrt(6 / fan_in); bias 0
  kKaimingNormal    // normal, variance 2 / fan_in; bias 0
};
const EnumNames<Init>& names_of(Init);  // "torch", "xavier-uniform", ...
using hourglass::name_of;

// weight [out, in] or [out, in, h, w]; fan_in = in * h * w, fan_out = out * h * w.
Tensor init_weight(Init init, InitSource& source, const Shape& shape, DType dtype = DType::kF32);
Tensor init_bias(Init init, InitSource& source, const Shape& shape, std::int64_t fan_in,
                 DType dtype = DType::kF32);

// Parameters with these numbers, f32; of a source that only measures, inputs of the same shapes,
// which take no memory.
Var weight_parameter(Init init, InitSource& source, const Shape& shape);
Var bias_parameter(Init init, InitSource& source, const Shape& shape, std::int64_t fan_in);
// And one whose numbers are uniform in +-bound, and one of zeros.
Var uniform_parameter(InitSource& source, const Shape& shape, double bound);
Var zero_parameter(InitSource& source, const Shape& shape);
Var normal_parameter(InitSource& source, const Shape& shape);  // N(0, 1)

}  // namespace hourglass::nn
