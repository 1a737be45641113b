#pragma once

#include <cstdint>

#include "autograd/graph/var.h"
#include "autograd/ops/random.h"

namespace hourglass {

// Stochastic estimates of what would cost one pass an element: with probes v whose elements are
// independent, of mean 0 and variance 1, E |v' J|^2 = |J|_F^2 and E v' H v = tr(H) (Hutchinson,
// "A stochastic estimator of the trace of the influence matrix", 1990). Since the probes do not
// depend on anything, the gradient of an estimate is an unbiased estimate of the gradient.
enum class Probe : std::uint8_t {
  kRademacher,  // -1 or 1: the least variance; exact where J'J (or H) is diagonal
  kNormal
};

struct HutchinsonOptions {
  Probe probe = Probe::kRademacher;
  int probes = 1;  // averaged; the cost grows with it, the variance falls
};

// An estimate of the sum of squares of all d y / d x, a scalar. The probes are drawn from (key,
// stream) in y's shape. Throws Error unless probes > 0.
Var hutchinson_frobenius(const Var& y, const Var& x, const RandomKey& key, const Stream& stream,
                         const HutchinsonOptions& options = {});

// An estimate of the trace of the Hessian of the scalar y, a scalar. The probes have x's shape.
Var hutchinson_trace(const Var& y, const Var& x, const RandomKey& key, const Stream& stream,
                     const HutchinsonOptions& options = {});

}  // namespace hourglass
