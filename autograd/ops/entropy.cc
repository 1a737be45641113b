#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"

// Terms of entropies and likelihoods, which meet 0 log 0 and differences of nearly equal numbers.

namespace hourglass {

using namespace internal;

namespace {

using kernels::Lane;

// d (x log(y)) = log(y), x / y, where 0 / 0 is 0
const Op& xlogy_op = define({
    .name = "xlogy",
    .lane = Lane::kXlogy,
    .vjp = {[](const Call& c, const Var& g) { return g * log(c[1]); },
            [](const Call& c, const Var& g) {
              const Var zero = zeros_like(c[0]);
              const Var both_zero = equal(c[0], zero) * equal(c[1], zero);
              return g * (c[0] / where(both_zero, ones_like(c[1]), c[1]));
            }},
});

// d (softplus(x) - t x) = sigmoid(x) - t, -x
const Op& logistic_loss_op = define({
    .name = "logistic_loss",
    .lane = Lane::kLogisticLoss,
    .vjp = {[](const Call& c, const Var& g) { return g * (sigmoid(c[0]) - c[1]); },
            [](const Call& c, const Var& g) { return g * -c[0]; }},
});

}  // namespace

Var xlogy(const Var& x, const Var& y) { return apply_broadcast(xlogy_op, x, y); }
Var logistic_loss(const Var& x, const Var& t) { return apply_broadcast(logistic_loss_op, x, t); }

}  // namespace hourglass
