// Sparse codes by a penalty. Lee, Battle, Raina and Ng, "Efficient sparse coding algorithms", 2007
// (L1); Lee, Ekanadham and Ng, "Sparse deep belief net model for visual area V2", 2008, and Ng's
// lecture notes "Sparse autoencoder", 2011 (KL).

#include <fmt/core.h>

#include "ae/papers/penalties.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var l1_penalty(const Var& h) { return sum(abs(h)) / static_cast<double>(h.size(0)); }

Var kl_sparsity(const Var& h, double rho) {
  if (!(rho > 0 && rho < 1)) {
    throw Error(fmt::format("kl_sparsity: rho must be between 0 and 1: got {}", rho));
  }
  const Var active = clip(mean(h, {0}), 1e-7, 1 - 1e-7);
  return sum(kl_bernoulli(full(active.shape(), rho, active.dtype()), active));
}

const PenaltyKind penalties::l1 = {
    .name = "l1",
    .help = "the code's absolute values",
    .numbers = {{{"weight"}}},
    .term = [](const PenaltyInput& in, const std::vector<double>&) { return l1_penalty(in.h); }};

const PenaltyKind penalties::kl = {
    .name = "kl",
    .help = "KL divergence of the units' mean activations from rho",
    .numbers = {{{"rho", kBetween0And1}, {"weight"}}},
    .term = [](const PenaltyInput& in,
               const std::vector<double>& numbers) { return kl_sparsity(in.h, numbers[0]); },
    .probabilities = true};

}  // namespace hourglass::ae
