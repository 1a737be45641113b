#include "autograd/ops/ops.h"
#include "autograd/simplify/contract/contract.h"

namespace hourglass::contract {

Var tap_values(const Factor& tap, DType dtype) {
  const Shape shape = shape_of(tap.axes);
  std::vector<double> values;
  for (std::int64_t u = 0; u < shape[0]; ++u) {
    for (std::int64_t q = 0; q < shape[1]; ++q) {
      for (std::int64_t t = 0; t < shape[2]; ++t) {
        const bool meets = u == tap.tap.stride * q + tap.tap.dilation * t - tap.tap.pad;
        values.push_back(meets ? 1 : 0);
      }
    }
  }
  return constant(Tensor::from(values, shape).cast(dtype));
}

}  // namespace hourglass::contract
