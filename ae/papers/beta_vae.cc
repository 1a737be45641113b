// Higgins et al., "beta-VAE: learning basic visual concepts with a constrained variational
// framework", 2017: the KL term times beta. Warm-up: Bowman et al., "Generating sentences from a
// continuous space", 2016; free bits: Kingma et al., 2016. The ramp is computed from the step,
// which the program advances: nothing that changes is baked into the graph.

#include <fmt/core.h>

#include "ae/papers/vae.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var kl_with_free_bits(const Posterior& q, double free_bits) {
  if (!(free_bits >= 0)) {
    throw Error(fmt::format("kl_with_free_bits: must not be negative: got {}", free_bits));
  }
  const Var kl = kl_by_dimension(q);
  // Each dimension by itself: one floor under the sum would let all but one collapse.
  return free_bits == 0 ? sum(kl) : sum(maximum(kl, full(kl.shape(), free_bits, kl.dtype())));
}

Var warm_up(const Step& step, std::int64_t steps) {
  if (steps == 0 || !step.training) return constant(1);
  const Var done = cast(step.step, DType::kF32) / static_cast<double>(steps);
  return minimum(done, constant(1));
}

}  // namespace hourglass::ae
