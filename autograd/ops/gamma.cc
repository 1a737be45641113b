#include <fmt/core.h>

#include <cmath>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// The logarithm of the gamma function, psi = its derivative, and psi's derivatives: each is the one
// before it derived.

namespace hourglass {
namespace {

using kernels::Lane;

constexpr int kMostOrders = 100;

// d lgamma(x) = psi(x)
const Op& lgamma_op = define({
    .name = "lgamma",
    .lane = Lane::kLgamma,
    .vjp = {[](const Call& c, const Var& g) { return g * digamma(c[0]); }},
});

// d psi(x) = psi_1(x)
const Op& digamma_op = define({
    .name = "digamma",
    .lane = Lane::kDigamma,
    .vjp = {[](const Call& c, const Var& g) { return g * polygamma(1, c[0]); }},
});

// d psi_n(x) = psi_(n + 1)(x)
const Op& polygamma_op = define({
    .name = "polygamma",
    .lane = Lane::kPolygamma,
    .vjp = {[](const Call& c, const Var& g) {
      const int order = static_cast<int>(std::lround(c.attributes.real("order")));
      return g * polygamma(order + 1, c[0]);
    }},
});

}  // namespace

Var lgamma(const Var& x) { return apply(lgamma_op, {x}); }
Var digamma(const Var& x) { return apply(digamma_op, {x}); }

Var polygamma(int order, const Var& x) {
  if (order < 0 || order > kMostOrders) {
    throw Error(fmt::format("polygamma: the order must be 0 to {}: got {}", kMostOrders, order));
  }
  if (order == 0) return digamma(x);
  return apply(polygamma_op, {x}, {{"order", static_cast<double>(order)}});
}

}  // namespace hourglass
