// Rifai, Vincent, Muller, Glorot and Bengio, "Contractive auto-encoders: explicit invariance during
// feature extraction", 2011: the squared Frobenius norm of the encoder's Jacobian. Squares are
// summed: the square of a sum is another function, which is 0 where rows cancel.

#include "ae/papers/penalties.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/hutchinson.h"
#include "autograd/transform/transform.h"

namespace hourglass::ae {

Var contractive_penalty(const Var& h, const Var& x) {
  return sum(square(batch_jacobian(h, x))) / static_cast<double>(x.size(0));
}

// The rows of h depend on their own rows of x only, so one probe of h's shape is one an image.
Var hutchinson_penalty(const Var& h, const Var& x, const RandomKey& key, const Stream& stream) {
  return hutchinson_frobenius(h, x, key, stream) / static_cast<double>(x.size(0));
}

const PenaltyKind penalties::contractive = {
    .name = "contractive",
    .help = "squared norm of the encoder's Jacobian, exact",
    .numbers = {{{"weight"}}},
    .term = [](const PenaltyInput& in, const std::vector<double>&) {
      return contractive_penalty(in.h, in.x);
    }};

const PenaltyKind penalties::hutchinson = {
    .name = "hutchinson",
    .help = "the same, estimated by one random probe an example",
    .numbers = {{{"weight"}}},
    .term =
        [](const PenaltyInput& in, const std::vector<double>&) {
          return hutchinson_penalty(in.h, in.x, in.key, in.stream);
        },
    .stream = streams::kProbe};

}  // namespace hourglass::ae
