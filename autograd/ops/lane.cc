#include <algorithm>
#include <array>
#include <cmath>

#include "autograd/graph/simplify_call.h"
#include "autograd/graph/term.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/ops.h"

// Elementwise ops. Each derivative stands as mathematics above its op and is written in bounded
// intermediates, so that second derivatives stay finite in the tails.

namespace hourglass {

using namespace internal;

namespace {

using contract::Term;
using kernels::Lane;

bool always(const Call&, const Term&) { return true; }

// d exp(x) = y
const Op& exp_op = define({
    .name = "exp",
    .lane = Lane::kExp,
    .vjp = {[](const Call& c, const Var& g) { return g * c.output; }},
});

// d log(x) = 1 / x
const Op& log_op = define({
    .name = "log",
    .lane = Lane::kLog,
    .vjp = {[](const Call& c, const Var& g) { return g * reciprocal(c[0]); }},
});

// d sqrt(x) = 1 / (2 y)
const Op& sqrt_op = define({
    .name = "sqrt",
    .lane = Lane::kSqrt,
    .vjp = {[](const Call& c, const Var& g) { return g * (0.5 * reciprocal(c.output)); }},
});

// d flat_sqrt(x) = 1 / (2 y) where y > 0, else 0. What is not there is not hidden: the second
// derivative at 0 meets 0 * inf.
const Op& flat_sqrt_op = define({
    .name = "flat_sqrt",
    .lane = Lane::kSqrt,
    .vjp = {[](const Call& c, const Var& g) {
      return g * (0.5 * gate(reciprocal(c.output), c.output));
    }},
});

// d (1 / x) = -y^2
const Op& reciprocal_op = define({
    .name = "reciprocal",
    .lane = Lane::kReciprocal,
    .vjp = {[](const Call& c, const Var& g) { return g * -square(c.output); }},
});

// d tanh(x) = 1 - y^2. Written from the output, which is bounded: 1 / cosh(x)^2 is the same
// function, but its own derivative is inf / inf for large x.
const Op& tanh_op = define({
    .name = "tanh",
    .lane = Lane::kTanh,
    .vjp = {[](const Call& c, const Var& g) { return g * (1 - square(c.output)); }},
});

// d sigmoid(x) = y (1 - y), bounded as tanh's is.
const Op& sigmoid_op = define({
    .name = "sigmoid",
    .lane = Lane::kSigmoid,
    .vjp = {[](const Call& c, const Var& g) { return g * (c.output * (1 - c.output)); }},
});

// d softplus(x) = sigmoid(x)
const Op& softplus_op = define({
    .name = "softplus",
    .lane = Lane::kSoftplus,
    .vjp = {[](const Call& c, const Var& g) { return g * sigmoid(c[0]); }},
});

// d relu(x) = 1 where x > 0, else 0 (at 0 too, as PyTorch and JAX have it)
const Op& relu_op = define({
    .name = "relu",
    .lane = Lane::kRelu,
    // By its result, which is in memory where a product reads it, while x need not be.
    .vjp = {[](const Call& c, const Var& g) { return gate(g, c.output); }},
});

// d |x| = sign(x)
const Op& abs_op = define({
    .name = "abs",
    .lane = Lane::kAbs,
    .vjp = {[](const Call& c, const Var& g) { return g * sign(c[0]); }},
    .form = {.factorwise = always},
});

const Op& sign_op = define({.name = "sign", .lane = Lane::kSign, .vjp = {kZero}});

// d x^2 = 2 x
const Op& square_op = define({
    .name = "square",
    .lane = Lane::kSquare,
    .vjp = {[](const Call& c, const Var& g) { return g * (2 * c[0]); }},
    .form = {.factorwise = always, .squares = true},
});

std::optional<Var> simplify_negate(const SimplifyCall& c) {
  return c.is(c[0], c.node.op()) ? std::optional(c[0].inputs()[0]) : std::nullopt;
}

// d (-x) = -1
const Op& negate_op = define({
    .name = "negate",
    .lane = Lane::kNegate,
    .vjp = {[](const Call&, const Var& g) { return -g; }},
    .linear = true,
    .simplify = simplify_negate,
    .form = {.relabel =
                 [](const Call&, Term& term) {
                   term.coef = -term.coef;
                   return true;
                 }},
    .keeps_small_errors = true,
});

std::optional<Var> simplify_add(const SimplifyCall& c) {
  if (c.is_uniform(c[0], 0)) return c[1];
  if (c.is_uniform(c[1], 0)) return c[0];
  if (c.is(c[1], negate_op)) return c[0] - c[1].inputs()[0];
  if (c.is(c[0], negate_op)) return c[1] - c[0].inputs()[0];
  return {};
}

std::optional<Var> simplify_subtract(const SimplifyCall& c) {
  if (c.is_uniform(c[0], 0)) return -c[1];
  if (c.is_uniform(c[1], 0)) return c[0];
  if (c.is(c[1], negate_op)) return c[0] + c[1].inputs()[0];
  return {};
}

std::optional<Var> simplify_multiply(const SimplifyCall& c) {
  if (c.is_uniform(c[0], 1)) return c[1];
  if (c.is_uniform(c[1], 1)) return c[0];
  if (c.is_uniform(c[0], -1)) return -c[1];
  if (c.is_uniform(c[1], -1)) return -c[0];
  if (c[0].same(c[1])) return square(c[0]);  // the contraction normal form knows squares
  return {};
}

std::optional<Var> simplify_divide(const SimplifyCall& c) {
  return c.is_uniform(c[1], 1) ? std::optional(c[0]) : std::nullopt;
}

// Element by element: each axis of a is that of b.
std::optional<Term> multiply_form(const Call&, const Term& a, const Term& b) {
  contract::AxisNumbers axes;
  contract::AxisPairs pairs;
  for (std::size_t i = 0; i < a.out.size(); ++i) {
    axes.push_back(i);
    pairs.push_back({i, i});
  }
  std::optional<Term> result = contract::multiply(a, b, pairs);
  if (result) contract::keep_axes(*result, axes);
  return result;
}

// 1 / b for a b that is a number, or one factor spread out: where b is full there is nothing to
// win.
std::optional<Term> reciprocal_form(const Call&, const Term& b) {
  if (b.coef == 0 || !std::isfinite(1 / b.coef) || contract::has_identity(b)) return {};
  if (b.factors.size() > 1 || !contract::summed_labels(b).empty()) return {};
  Term result = b;
  result.coef = 1 / b.coef;
  if (b.factors.empty()) return result;
  contract::Factor& factor = result.factors[0];
  const bool full = contract::labels_of(factor.axes).size() == contract::labels_of(b.out).size();
  if (!factor.node.defined() || full) return {};
  factor.node = reciprocal(factor.node);
  return result;
}

// d (a + b) = 1, 1
const Op& add_op = define({
    .name = "add",
    .lane = Lane::kAdd,
    .vjp = {[](const Call&, const Var& g) { return g; },
            [](const Call&, const Var& g) { return g; }},
    .simplify = simplify_add,
    .form = {.sum = 1},
    .commutes = true,
    .keeps_small_errors = true,
});

// d (a - b) = 1, -1
const Op& subtract_op = define({
    .name = "subtract",
    .lane = Lane::kSubtract,
    .vjp = {[](const Call&, const Var& g) { return g; },
            [](const Call&, const Var& g) { return -g; }},
    .simplify = simplify_subtract,
    .form = {.sum = -1},
    .keeps_small_errors = true,
});

// d (a b) = b, a
const Op& multiply_op = define({
    .name = "multiply",
    .lane = Lane::kMultiply,
    .vjp = {[](const Call& c, const Var& g) { return g * c[1]; },
            [](const Call& c, const Var& g) { return g * c[0]; }},
    .linear = true,
    .simplify = simplify_multiply,
    .form = {.product = multiply_form},
    .commutes = true,
    .keeps_small_errors = true,
});

// d (a / b) = 1 / b, -y / b
const Op& divide_op = define({
    .name = "divide",
    .lane = Lane::kDivide,
    .vjp = {[](const Call& c, const Var& g) { return g / c[1]; },
            [](const Call& c, const Var& g) { return g * -(c.output / c[1]); }},
    .simplify = simplify_divide,
    .form = {.product = multiply_form, .second = reciprocal_form},
    .keeps_small_errors = true,
});

// What of the cotangent goes to `winner`: all where it wins, half where both are equal.
Var share(const Var& g, const Var& loser, const Var& winner) {
  const Var won = gate(g, less(loser, winner));
  return won + 0.5 * gate(g, equal(loser, winner));
}

// d max(a, b) = 1 to the larger, 1/2 to each of equals
const Op& maximum_op = define({
    .name = "maximum",
    .lane = Lane::kMaximum,
    .vjp = {[](const Call& c, const Var& g) { return share(g, c[1], c[0]); },
            [](const Call& c, const Var& g) { return share(g, c[0], c[1]); }},
    .commutes = true,
});

const Op& minimum_op = define({
    .name = "minimum",
    .lane = Lane::kMinimum,
    .vjp = {[](const Call& c, const Var& g) { return share(g, c[0], c[1]); },
            [](const Call& c, const Var& g) { return share(g, c[1], c[0]); }},
    .commutes = true,
});

const Op& equal_op =
    define({.name = "equal", .lane = Lane::kEqual, .vjp = {kZero, kZero}, .commutes = true});
const Op& not_equal_op =
    define({.name = "not_equal", .lane = Lane::kNotEqual, .vjp = {kZero, kZero}, .commutes = true});
const Op& less_op = define({.name = "less", .lane = Lane::kLess, .vjp = {kZero, kZero}});
const Op& less_equal_op =
    define({.name = "less_equal", .lane = Lane::kLessEqual, .vjp = {kZero, kZero}});

// a times the mask b > 0, where the mask carries fewer labels than a: the Jacobian of a layer with
// relu. Elsewhere there is nothing to win, and a product of 0 and an infinite a would be NaN.
std::optional<Term> gate_form(const Call& c, const Term& a, const Term& b) {
  const std::size_t carried = contract::labels_of(b.factors[0].axes).size();
  const bool full = carried == contract::labels_of(b.out).size();
  return full && !contract::has_identity(a) ? std::nullopt : multiply_form(c, a, b);
}

std::optional<Term> gate_mask_form(const Call&, const Term& b) {
  const bool one = b.factors.size() == 1 && b.factors[0].node.defined() && b.coef > 0;
  if (!one || contract::has_identity(b) || !contract::summed_labels(b).empty()) return {};
  Term result = b;
  result.coef = 1;
  Var& node = result.factors[0].node;
  node = greater(node, zeros_like(node));
  return result;
}

// d gate(a, b) = [b > 0], 0. What masks a cotangent: selected, not multiplied, so that an infinite
// cotangent from where the function is not used does not turn into 0 * inf.
const Op& gate_op = define({
    .name = "gate",
    .lane = Lane::kGate,
    .vjp = {[](const Call& c, const Var& g) { return gate(g, c[1]); }, kZero},
    .form = {.product = gate_form, .second = gate_mask_form},
});

// d where(m, a, b) = 0, [m != 0], [m == 0]. The cotangent is selected, as gate's is.
const Op& where_op = define({
    .name = "where",
    .lane = Lane::kWhere,
    .vjp = {kZero, [](const Call& c, const Var& g) { return where(c[0], g, zeros_like(g)); },
            [](const Call& c, const Var& g) { return where(c[0], zeros_like(g), g); }},
});

// A number beside x, as an operand of the op `who`.
Var scalar_like(const char* who, double value, const Var& x) {
  return in_context_of(who, {x}, [&] { return full(x.shape(), value, x.dtype()); });
}

}  // namespace

Var exp(const Var& x) { return apply(exp_op, {x}); }
Var log(const Var& x) { return apply(log_op, {x}); }
Var sqrt(const Var& x) { return apply(sqrt_op, {x}); }
Var flat_sqrt(const Var& x) { return apply(flat_sqrt_op, {x}); }
Var reciprocal(const Var& x) { return apply(reciprocal_op, {x}); }
Var tanh(const Var& x) { return apply(tanh_op, {x}); }
Var sigmoid(const Var& x) { return apply(sigmoid_op, {x}); }
Var softplus(const Var& x) { return apply(softplus_op, {x}); }
Var relu(const Var& x) { return apply(relu_op, {x}); }
Var abs(const Var& x) { return apply(abs_op, {x}); }
Var sign(const Var& x) { return apply(sign_op, {x}); }
Var square(const Var& x) { return apply(square_op, {x}); }
Var negate(const Var& x) { return apply(negate_op, {x}); }

Var add(const Var& a, const Var& b) { return apply_broadcast(add_op, a, b); }
Var subtract(const Var& a, const Var& b) { return apply_broadcast(subtract_op, a, b); }
Var multiply(const Var& a, const Var& b) { return apply_broadcast(multiply_op, a, b); }
Var divide(const Var& a, const Var& b) { return apply_broadcast(divide_op, a, b); }
Var maximum(const Var& a, const Var& b) { return apply_broadcast(maximum_op, a, b); }
Var minimum(const Var& a, const Var& b) { return apply_broadcast(minimum_op, a, b); }
Var equal(const Var& a, const Var& b) { return apply_broadcast(equal_op, a, b); }
Var not_equal(const Var& a, const Var& b) { return apply_broadcast(not_equal_op, a, b); }
Var less(const Var& a, const Var& b) { return apply_broadcast(less_op, a, b); }
Var less_equal(const Var& a, const Var& b) { return apply_broadcast(less_equal_op, a, b); }
Var gate(const Var& a, const Var& b) { return apply_broadcast(gate_op, a, b); }
Var greater(const Var& a, const Var& b) { return less(b, a); }
Var greater_equal(const Var& a, const Var& b) { return less_equal(b, a); }

Var where(const Var& mask, const Var& a, const Var& b) {
  if (!mask.defined() || !a.defined() || !b.defined()) return apply(where_op, {mask, a, b});
  const Shape shape =
      broadcast_shape(mask.shape(), broadcast_shape(a.shape(), b.shape(), "where"), "where");
  return apply(where_op,
               {broadcast_to(mask, shape), broadcast_to(a, shape), broadcast_to(b, shape)});
}

Var operator+(const Var& a, const Var& b) { return add(a, b); }
Var operator-(const Var& a, const Var& b) { return subtract(a, b); }
Var operator*(const Var& a, const Var& b) { return multiply(a, b); }
Var operator/(const Var& a, const Var& b) { return divide(a, b); }
Var operator-(const Var& x) { return negate(x); }
Var operator+(const Var& a, double b) { return add(a, scalar_like("add", b, a)); }
Var operator+(double a, const Var& b) { return add(scalar_like("add", a, b), b); }
Var operator-(const Var& a, double b) { return subtract(a, scalar_like("subtract", b, a)); }
Var operator-(double a, const Var& b) { return subtract(scalar_like("subtract", a, b), b); }
Var operator*(const Var& a, double b) { return multiply(a, scalar_like("multiply", b, a)); }
Var operator*(double a, const Var& b) { return multiply(scalar_like("multiply", a, b), b); }
Var operator/(const Var& a, double b) { return divide(a, scalar_like("divide", b, a)); }
Var operator/(double a, const Var& b) { return divide(scalar_like("divide", a, b), b); }

}  // namespace hourglass
