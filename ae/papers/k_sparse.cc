// Makhzani and Frey, "k-sparse autoencoders", 2013: the support is chosen by size, and the
// derivative passes through it.

#include "ae/papers/k_sparse.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var keep_largest(const Var& h, std::int64_t k) {
  const std::int64_t width = h.size(-1);
  if (k < 1 || k > width) {
    throw Error(
        fmt::format("keep_largest: k must be 1 to {}: h={}, k={}", width, to_string(h.shape()), k));
  }
  return k == width ? h : gate(h, top_k_mask(h, k));
}

const std::vector<Field<TopK>>& TopK::fields() {
  static const std::vector<Field<TopK>> fields = {
      field("active", "", "Units that stay", &TopK::active)};
  return fields;
}

void TopK::check(std::int64_t code_width) const {
  if (active >= 1 && active <= code_width) return;
  throw Error(fmt::format("top-k: the active units must be 1 to {}, the code's width: got {}",
                          code_width, active));
}

}  // namespace hourglass::ae
