#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"

// Terms of entropies and likelihoods, which meet 0 log 0 and differences of nearly equal numbers.

namespace hourglass {
namespace {

using kernels::Lane;

// d (softplus(x) - t x) = sigmoid(x) - t, -x
const Op& logistic_loss_op = define({
    .name = "logistic_loss",
    .lane = Lane::kLogisticLoss,
    .vjp = {[](const Call& c, const Var& g) { return g * (sigmoid(c[0]) - c[1]); },
            [](const Call& c, const Var& g) { return g * -c[0]; }},
});

}  // namespace

Var logistic_loss(const Var& x, const Var& t) { return apply_broadcast(logistic_loss_op, x, t); }

}  // namespace hourglass
