#pragma once

// General mathematics as graph code over the ops. All broadcast as the ops do and are elementwise
// unless they say otherwise; derivatives of every order follow from the ops'. Losses with their
// reductions are in nn/layers/losses.h.

#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// log(exp(a) + exp(b)), smooth also where a = b. Both -inf gives -inf, and so for inf, with the
// derivative 0, 1 there.
Var logaddexp(const Var& a, const Var& b);

// log(sigmoid(x)) = -log(1 + exp(-x)).
Var log_sigmoid(const Var& x);

// log(cosh(x)) = |x| + softplus(-2 |x|) - log 2; where |x| < 1, -log(1 - tanh(x)^2) / 2, which has
// digits near 0. Derivative tanh(x).
Var log_cosh(const Var& x);

// x^2 / 2 where |x| <= delta, delta (|x| - delta / 2) beyond. Huber, "Robust estimation of a
// location parameter", 1964. Throws Error unless delta > 0.
Var huber(const Var& x, double delta = 1);

// The cosine of the angle between a and b along an axis, which goes: a.b / (max(|a|, epsilon)
// max(|b|, epsilon)), so that a vector of zeros gives 0.
Var cosine_similarity(const Var& a, const Var& b, int axis = -1, double epsilon = 1e-8);

// KL(N(mean, exp(log_variance)) || N(0, 1)) of each element, in nats; sum over the axis of a
// diagonal Gaussian's dimensions. (mean^2 + exp(log_variance) - 1 - log_variance) / 2, with expm1,
// so that it is 0 at (0, 0) and never negative beyond rounding.
Var kl_standard_normal(const Var& mean, const Var& log_variance);

// KL(N(mean_p, exp(log_variance_p)) || N(mean_q, exp(log_variance_q))) of each element, in nats.
Var kl_normal(const Var& mean_p, const Var& log_variance_p, const Var& mean_q,
              const Var& log_variance_q);

// KL(Bernoulli(p) || Bernoulli(q)) of each element, in nats, with 0 log 0 = 0: right at p = 0 and
// p = 1; infinite where q excludes what p allows.
Var kl_bernoulli(const Var& p, const Var& q);

// The same from the logits of q, finite for every finite logit.
Var kl_bernoulli_with_logits(const Var& p, const Var& logits);

// log N(x; mean, exp(log_variance)) of each element, in nats.
Var log_normal_density(const Var& x, const Var& mean, const Var& log_variance);

// |a_i - b_j|^2 of rows, [M, K], [N, K] -> [M, N], by products: to the rounding of the squared
// distances from b's mean, so a small distance may come out below 0. Throws Error unless the widths
// agree and b has rows.
Var squared_distances(const Var& a, const Var& b);

}  // namespace hourglass
