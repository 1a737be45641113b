// Tolstikhin, Bousquet, Gelly and Schoelkopf, "Wasserstein auto-encoders", 2018, algorithm 2
// (WAE-MMD), with their inverse multiquadratic kernel k(a, b) = C / (C + |a - b|^2), C = 2 H, the
// expected squared distance of two draws from the prior.

#include <fmt/core.h>

#include "ae/papers/penalties.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

Var kernel(const Var& a, const Var& b) {
  const double c = 2.0 * static_cast<double>(a.size(1));
  return c / (c + squared_distances(a, b));
}

// The mean over pairs of different rows.
Var mean_of_pairs(const Var& k) {
  const double n = static_cast<double>(k.size(0));
  return (sum(k) - sum(diagonal(k))) / (n * (n - 1));
}

}  // namespace

Var mmd_penalty(const Var& z, const Var& prior) {
  if (z.shape() != prior.shape()) {
    throw Error(fmt::format("mmd_penalty: shapes differ: z={}, prior={}", to_string(z.shape()),
                            to_string(prior.shape())));
  }
  if (z.size(0) < 2) return sum(zeros_like(z));
  return mean_of_pairs(kernel(z, z)) + mean_of_pairs(kernel(prior, prior)) -
         2 * mean(kernel(z, prior));
}

const PenaltyKind penalties::mmd = {
    .name = "mmd",
    .help = "distance of the codes' distribution from N(0, 1)",
    .numbers = {{{"weight"}}},
    .term =
        [](const PenaltyInput& in, const std::vector<double>&) {
          const Shape& shape = in.code.shape();
          return mmd_penalty(in.code, random_normal(in.key, in.stream, shape, in.code.dtype()));
        },
    .over_units = false,
    .to_prior = true,
    .stream = streams::kPrior};

}  // namespace hourglass::ae
