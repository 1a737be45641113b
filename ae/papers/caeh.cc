// Rifai, Mesnil, Vincent, Muller, Bengio, Dauphin and Glorot, "Higher order contractive
// auto-encoder", 2011: the Jacobian is to change little nearby, which penalises the Hessian without
// computing it: E |J(x) - J(x + e)|^2 = sigma^2 |H|^2 + O(sigma^4).

#include "ae/papers/penalties.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"

namespace hourglass::ae {

Var caeh_penalty(const Encoder& encode, const Var& x, double sigma, const RandomKey& key,
                 const Stream& stream) {
  const Var near = x + sigma * random_normal(key, stream, x.shape(), x.dtype());
  const Var difference = batch_jacobian(encode(x), x) - batch_jacobian(encode(near), near);
  return sum(square(difference)) / static_cast<double>(x.size(0));
}

const PenaltyKind penalties::caeh = {
    .name = "caeh",
    .help = "change of the Jacobian within a distance of sigma",
    .numbers = {{{"weight"}, {"sigma"}}},
    .term =
        [](const PenaltyInput& in, const std::vector<double>& numbers) {
          return caeh_penalty(in.encode, in.x, numbers[1], in.key, in.stream);
        },
    .stream = streams::kNeighbour};

}  // namespace hourglass::ae
