// Makhzani and Frey, "k-sparse autoencoders", 2013: the support is chosen by size, and the
// derivative passes through it.

#include <fmt/core.h>

#include "ae/papers/penalties.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var keep_largest(const Var& h, std::int64_t k) {
  const std::int64_t width = h.size(-1);
  if (k < 1 || k > width) {
    throw Error(
        fmt::format("keep_largest: k must be 1 to {}: h={}, k={}", width, to_string(h.shape()), k));
  }
  return k == width ? h : h * top_k_mask(h, k);
}

}  // namespace hourglass::ae
