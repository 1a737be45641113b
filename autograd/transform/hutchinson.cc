#include "autograd/transform/hutchinson.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

// [probes, like...], or like's shape for a single one.
Var draw_probes(const char* who, const Var& like, const RandomKey& key, const Stream& stream,
                const HutchinsonOptions& options) {
  if (!like.defined()) {
    throw Error(fmt::format("{}: an empty Var: nothing was assigned to it", who));
  }
  if (options.probes < 1) {
    throw Error(fmt::format("{}: needs at least one probe: got {}", who, options.probes));
  }
  const Shape shape =
      options.probes == 1 ? like.shape() : like.shape().with_axis(0, options.probes);
  if (options.probe == Probe::kNormal) return random_normal(key, stream, shape, like.dtype());
  // Uniform draws are never 1/2, so none has sign 0.
  return sign(random_uniform(key, stream, shape, like.dtype()) - 0.5);
}

}  // namespace

Var hutchinson_frobenius(const Var& y, const Var& x, const RandomKey& key, const Stream& stream,
                         const HutchinsonOptions& options) {
  const Var probes = draw_probes("hutchinson_frobenius", y, key, stream, options);
  if (options.probes == 1) return sum(square(vjp(y, {x}, probes)[0]));
  const Var v = input(y.shape(), y.dtype());
  return mean(vmap(sum(square(vjp(y, {x}, v)[0])), {v}, {probes}));
}

Var hutchinson_trace(const Var& y, const Var& x, const RandomKey& key, const Stream& stream,
                     const HutchinsonOptions& options) {
  const Var probes = draw_probes("hutchinson_trace", x, key, stream, options);
  if (options.probes == 1) return sum(probes * hvp(y, x, probes));
  const Var v = input(x.shape(), x.dtype());
  return mean(vmap(sum(v * hvp(y, x, v)), {v}, {probes}));
}

}  // namespace hourglass
