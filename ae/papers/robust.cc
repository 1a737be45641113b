// Liu, Pokharel and Principe, "Correntropy: properties and applications in non-Gaussian signal
// processing", 2007; in an autoencoder: Qi, Wang, Zheng and Wu, "Robust feature learning by stacked
// autoencoder with maximum correntropy criterion", 2014.

#include "ae/papers/robust.h"

#include <fmt/core.h>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {

Var correntropy_loss(const Var& y, const Var& target, double scale) {
  if (!(scale > 0)) {
    throw Error(fmt::format("correntropy_loss: the scale must be positive: got {}", scale));
  }
  // expm1: a small error counts e^2 / (2 scale^2) to full precision.
  return -expm1(square(y - target) * (-0.5 / (scale * scale)));
}

}  // namespace hourglass::ae
