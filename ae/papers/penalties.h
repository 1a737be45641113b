#pragma once

// The papers' terms as graph code, for any code h [B, H] of any encoder; all are scalars, per image
// (means over the B rows) unless they say otherwise. Derivatives come from the engine.

#include <cstdint>
#include <functional>

#include "autograd/graph/var.h"
#include "autograd/ops/random.h"

namespace hourglass::ae {

// An encoder as a function, row by row: x [B, D] -> h [B, H].
using Encoder = std::function<Var(const Var& x)>;

// Sum over units of |h|.
Var l1_penalty(const Var& h);

// Sum over units of KL(Bernoulli(rho) || Bernoulli(mean of the unit over the batch)), in nats: one
// number a batch, h in (0, 1). A mean that is 0 or 1 counts as 1e-7 or 1 - 1e-7, with derivative 0.
// Throws Error unless 0 < rho < 1.
Var kl_sparsity(const Var& h, double rho);

// Sum of squares of all dh/dx, exact: Rifai et al., "Contractive auto-encoders", 2011, equation 3.
Var contractive_penalty(const Var& h, const Var& x);

// The same by one random probe an image: unbiased, at the price of a backward pass.
Var hutchinson_penalty(const Var& h, const Var& x, const RandomKey& key, std::int64_t stream);

// |J(x) - J(x + e)|_F^2, e ~ N(0, sigma^2) of x's shape, one draw an image: a stochastic penalty of
// second derivatives. Rifai et al., "Higher order contractive auto-encoder", 2011.
Var caeh_penalty(const Encoder& encode, const Var& x, double sigma, const RandomKey& key,
                 std::int64_t stream);

// The squared maximum mean discrepancy between the rows of z and of the prior's draws [B, H],
// estimated without bias (so it may be negative); one number a batch, 0 for a batch of one row.
Var mmd_penalty(const Var& z, const Var& prior);

// 1 - exp(-e^2 / (2 scale^2)) of each element of e = y - target: the correntropy-induced loss.
Var correntropy_loss(const Var& y, const Var& target, double scale);

// The k largest of each row of h stay, the others become 0.
Var keep_largest(const Var& h, std::int64_t k);

}  // namespace hourglass::ae
