#include "autograd/certificate/fuzz_ops.h"

#include <algorithm>
#include <numeric>
#include <set>

#include "autograd/certificate/certificate.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/transform/transform.h"

namespace hourglass::check {

using namespace internal;

namespace {

constexpr std::int64_t kMostElements = 48;

// x's numbers in the given shape, cut off or repeated.
Var fit(const Var& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  const std::int64_t n = shape.elements();
  Var flat = reshape(x, Shape{x.elements()});
  if (x.elements() < n) flat = tile(flat, {(n + x.elements() - 1) / x.elements()});
  return reshape(slice(flat, 0, {0, n}), shape);
}

// What grew too large is cut down.
Var bounded(const Var& x) { return x.elements() <= kMostElements ? x : fit(x, Shape{4, 6}); }

// The second operand where it broadcasts with the first, else made to fit.
Var partner(const Var& a, const Var& b) {
  const int rank = std::min(a.rank(), b.rank());
  for (int i = 1; i <= rank; ++i) {
    if (a.size(-i) != b.size(-i) && a.size(-i) != 1 && b.size(-i) != 1) return fit(b, a.shape());
  }
  return b;
}

int random_axis(const Var& x, Choice& choice) { return static_cast<int>(choice.below(x.rank())); }
Var with_axis(const Var& x) { return x.rank() == 0 ? reshape(x, Shape{1}) : x; }

Var mask_like(const Var& x, Choice& choice) { return constant(choice.signs(x.shape())) + 1.0; }

Var indices_below(std::int64_t n, const Shape& shape, Choice& choice) {
  std::vector<std::int32_t> values;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    values.push_back(static_cast<std::int32_t>(choice.below(n)));
  }
  return constant(Tensor::from(values, shape));
}

using C = Choice&;
using V = const Var&;

const FuzzOp kUnary[] = {
    {"tanh", [](V a, V, C) { return tanh(a); }},
    {"sigmoid", [](V a, V, C) { return sigmoid(a); }},
    {"softplus", [](V a, V, C) { return 0.9 * softplus(a); }},
    {"exp", [](V a, V, C) { return exp(0.3 * a); }},
    {"expm1", [](V a, V, C) { return expm1(0.3 * a); }},
    {"log", [](V a, V, C) { return log(a + 5); }},
    {"log1p", [](V a, V, C) { return log1p(square(a)); }},
    {"flat_sqrt", [](V a, V, C) { return flat_sqrt(square(a) + 2); }},
    {"sqrt", [](V a, V, C) { return sqrt(a + 5); }},
    {"rsqrt", [](V a, V, C) { return rsqrt(a + 5); }},
    {"reciprocal", [](V a, V, C) { return reciprocal(a + 5); }},
    {"square", [](V a, V, C) { return square(a) / 3; }},
    {"negate", [](V a, V, C) { return -a; }},
    {"sin", [](V a, V, C) { return sin(a); }},
    {"cos", [](V a, V, C) { return cos(a); }},
    {"erf", [](V a, V, C) { return erf(a); }},
    {"logit", [](V a, V, C) { return logit(0.5 + 0.1 * a); }},
    {"silu", [](V a, V, C) { return silu(a); }},
    {"gelu", [](V a, V, C) { return gelu(a); }},
    {"gelu_tanh", [](V a, V, C) { return gelu_tanh(a); }},
    {"pow_scalar", [](V a, V, C) { return 0.3 * pow(a + 5, 1.1); }},
    {"log_cosh", [](V a, V, C) { return log_cosh(a); }},
    {"relu", [](V a, V, C) { return relu(a); }, false},
    {"leaky_relu", [](V a, V, C) { return leaky_relu(a, 0.2); }, false},
    {"elu", [](V a, V, C) { return elu(a); }, false},
    {"selu", [](V a, V, C) { return 0.8 * selu(a); }, false},
    {"softsign", [](V a, V, C) { return softsign(a); }, false},
    {"abs", [](V a, V, C) { return abs(a); }, false},
    {"sign", [](V a, V, C) { return sign(a); }, false},
    {"clip", [](V a, V, C) { return clip(a, -0.5, 1); }, false},
    {"huber", [](V a, V, C) { return huber(a); }, false},
    {"stop_gradient", [](V a, V, C) { return stop_gradient(a); }, false},
    // Of numbers that f32 holds: rounding is a step, and simplify may move what is rounded over it.
    {"cast", [](V a, V, C) { return a * cast(cast(sign(a), DType::kF32), DType::kF64); }, false},
};

const FuzzOp kBinary[] = {
    {"add", [](V a, V b, C) { return 0.5 * (a + partner(a, b)); }},
    {"subtract", [](V a, V b, C) { return 0.5 * (a - partner(a, b)); }},
    {"multiply", [](V a, V b, C) { return a * partner(a, b) / 3; }},
    {"divide", [](V a, V b, C) { return a / (partner(a, b) + 5); }},
    {"pow", [](V a, V b, C) { return 0.3 * pow(a + 5, 0.3 * partner(a, b)); }},
    {"logaddexp", [](V a, V b, C) { return 0.7 * logaddexp(a, partner(a, b)); }},
    {"where", [](V a, V b, C c) { return where(mask_like(a, c), a, fit(b, a.shape())); }},
    {"after", [](V a, V b, C) { return after(a, b); }},
    {"checkpoint",
     [](V a, V b, C) {
       const Function f = [](const std::vector<Var>& x) { return tanh(x[0] * x[1]); };
       return checkpoint(f)({a, fit(b, a.shape())});
     }},
    {"maximum", [](V a, V b, C) { return maximum(a, partner(a, b)); }, false},
    {"minimum", [](V a, V b, C) { return minimum(a, partner(a, b)); }, false},
    {"equal", [](V a, V b, C) { return equal(a, partner(a, b)); }, false},
    {"not_equal", [](V a, V b, C) { return not_equal(a, partner(a, b)); }, false},
    {"less", [](V a, V b, C) { return less(a, partner(a, b)); }, false},
    {"less_equal", [](V a, V b, C) { return less_equal(a, partner(a, b)); }, false},
    {"noise",
     [](V a, V, C c) {
       return 0.7 * a + 0.3 * random_uniform(random_key(3), std::to_string(c.below(1 << 30)),
                                             a.shape(), DType::kF64);
     }},
    {"normal_noise",
     [](V a, V, C c) {
       return tanh(a + random_normal(random_key(4), std::to_string(c.below(1 << 30)), a.shape(),
                                     DType::kF64));
     }},
    {"parameter", [](V a, V, C c) { return 0.7 * (a * parameter(c.weights(a.shape()))); }},
    {"xlogy", [](V a, V b, C) { return 0.4 * xlogy(a, partner(a, b) + 5); }},
    {"logistic_loss", [](V a, V b, C) { return 0.4 * logistic_loss(a, sigmoid(partner(a, b))); }},
    {"gate", [](V a, V b, C c) { return gate(a, mask_like(a, c)) + 0.5 * partner(a, b); }},
    {"dropout",
     [](V a, V, C c) {
       return a * random_bernoulli(random_key(5), std::to_string(c.below(1 << 30)), a.shape(), 0.75,
                                   DType::kF64);
     }},
};

const FuzzOp kShapes[] = {
    {"reshape", [](V a, V, C) { return reshape(a, Shape{a.elements()}); }},
    {"two_rows",
     [](V a, V, C) {
       return a.elements() % 2 ? a : reshape(a, Shape{2, a.elements() / 2});
     }},
    {"transpose",
     [](V a, V, C c) {
       std::vector<double> order(static_cast<std::size_t>(a.rank()));
       std::iota(order.begin(), order.end(), 0);
       c.shuffle(order);
       return transpose(a, std::vector<int>(order.begin(), order.end()));
     }},
    {"flip", [](V a, V, C c) { return a.rank() ? flip(a, {random_axis(a, c)}) : a; }},
    {"slice",
     [](V a, V, C c) {
       const Var x = with_axis(a);
       const int axis = random_axis(x, c);
       const std::int64_t start = c.below(x.size(axis));
       return slice(x, axis, {start, kEnd, 1 + c.below(2)});
     }},
    {"pad",
     [](V a, V, C c) {
       const Var x = with_axis(a);
       std::vector<Padding> padding(static_cast<std::size_t>(x.rank()));
       padding[static_cast<std::size_t>(random_axis(x, c))] = {c.below(2), c.below(3), c.below(2)};
       return bounded(pad(x, padding));
     }},
    {"concat",
     [](V a, V b, C c) {
       const Var x = with_axis(a);
       return bounded(concat({x, fit(b, x.shape())}, random_axis(x, c)));
     }},
    {"stack",
     [](V a, V b, C) {
       return bounded(stack({a, fit(b, a.shape())}));
     }},
    {"tile",
     [](V a, V, C) {
       const Var x = with_axis(a);
       std::vector<std::int64_t> times(static_cast<std::size_t>(x.rank()), 1);
       times[0] = 2;
       return bounded(tile(x, times));
     }},
    {"broadcast_to", [](V a, V, C) { return bounded(broadcast_to(a, a.shape().with_axis(0, 2))); }},
    {"sum_to", [](V a, V, C) { return a.rank() ? mean(a, {0}) : a; }},
    {"diag", [](V a, V, C) { return bounded(diag(with_axis(a))); }},
    {"diagonal", [](V a, V, C) { return a.rank() > 1 ? diagonal(a) : a; }},
    {"eye",
     [](V a, V, C) {
       return fit(a, {3, 3}) - eye(3, DType::kF64);
     }},
    {"take",
     [](V a, V, C c) {
       const Var x = with_axis(a);
       const int axis = random_axis(x, c);
       return bounded(take(x, indices_below(x.size(axis), Shape{3}, c), axis));
     }},
    {"scatter_add",
     [](V a, V, C c) {
       const Var x = with_axis(a);
       const int axis = random_axis(x, c);
       return bounded(tanh(scatter_add(x, indices_below(4, Shape{x.size(axis)}, c), axis, 4)));
     }},
    {"argsort", [](V a, V, C) { return sort(with_axis(a)); }, false},
    {"top_k", [](V a, V, C) { return top_k(with_axis(a), 1).values; }, false},
    {"scatter_along",
     [](V a, V, C) {
       const Var x = with_axis(a);
       return x * top_k_mask(x, 1);
     },
     false},
};

const FuzzOp kReductions[] = {
    {"mean", [](V a, V, C c) { return a.rank() ? mean(a, {random_axis(a, c)}) : a; }},
    {"mean_kept", [](V a, V, C c) { return a.rank() ? mean(a, {random_axis(a, c)}, true) : a; }},
    {"centred", [](V a, V, C) { return 0.6 * (a - mean(a)); }},
    {"variance", [](V a, V, C) { return tanh(variance(a)); }},
    {"softmax", [](V a, V, C c) { return a.rank() ? softmax(a, random_axis(a, c)) : a; }},
    {"log_softmax",
     [](V a, V, C c) { return a.rank() ? 0.3 * log_softmax(a, random_axis(a, c)) : a; }},
    {"logsumexp",
     [](V a, V, C c) { return a.rank() ? 0.5 * logsumexp(a, {random_axis(a, c)}) : a; }},
    {"cumsum",
     [](V a, V, C c) {
       const Var x = with_axis(a);
       const int axis = random_axis(x, c);
       return cumsum(x, axis, c.below(2) == 1, c.below(2) == 1) *
              (1.0 / static_cast<double>(x.size(axis)));
     }},
    {"prod", [](V a, V, C c) { return a.rank() ? 2 * prod(0.3 * a, {random_axis(a, c)}) : a; }},
    {"matmul",
     [](V a, V b, C c) {
       const bool ta = c.below(2) == 1, tb = c.below(2) == 1;
       const Var x = fit(a, ta ? Shape{3, 2} : Shape{2, 3});
       return matmul(x, fit(b, tb ? Shape{4, 3} : Shape{3, 4}), ta, tb) / 9;
     }},
    {"batched_matmul",
     [](V a, V b, C) {
       return matmul(fit(a, {2, 2, 3}), fit(b, {2, 3, 2})) / 9;
     }},
    {"conv2d",
     [](V a, V b, C c) {
       const ConvOptions options{.stride = {1 + c.below(2), 1}, .padding = {c.below(2), 1, 0, 1}};
       return conv2d(fit(a, {2, 1, 4, 3}), fit(b, {2, 1, 2, 2}), options) / 12;
     }},
    {"conv_transpose2d",
     [](V a, V b, C) {
       return bounded(conv_transpose2d(fit(a, {1, 2, 2, 3}), fit(b, {2, 1, 2, 2})) / 24);
     }},
    {"avg_pool2d",
     [](V a, V, C) {
       return avg_pool2d(fit(a, {1, 2, 4, 2}));
     }},
    {"max_pool2d",
     [](V a, V, C) {
       return max_pool2d(fit(a, {1, 2, 4, 2})).values;
     },
     false},
    {"norm", [](V a, V, C) { return tanh(norm(a)); }, false},
    {"argmax", [](V a, V, C c) { return a.rank() ? max(a, {random_axis(a, c)}) : a; }, false},
    {"argmin", [](V a, V, C c) { return a.rank() ? min(a, {random_axis(a, c)}) : a; }, false},
};

// Updates of parameters. What follows reads the new values.
const FuzzOp kUpdates[] = {
    {"replaced",
     [](V a, V b, C c) {
       const Var p = parameter(c.weights(a.shape()));
       c.update(p, fit(b, p.shape()));
       return 0.7 * (a * p);
     }},
    {"descended",
     [](V a, V b, C c) {
       const Var p = parameter(c.weights(a.shape()));
       const Var next = p - 0.1 * fit(b, p.shape());
       c.update(p, next);
       return 0.5 * (a + next);
     }},
    {"with_momentum",
     [](V a, V b, C c) {
       const Var p = parameter(c.weights(a.shape())), v = parameter(c.weights(a.shape()));
       const Var velocity = 0.5 * v + 0.3 * fit(b, p.shape()), next = p - 0.1 * velocity;
       c.update(v, velocity);
       c.update(p, next);
       return 0.4 * (a + next - mean(next));
     }},
    {"by_moments",  // Adam
     [](V a, V b, C c) {
       const Var p = parameter(c.weights(a.shape())), m = parameter(c.weights(a.shape()));
       const Var v = parameter(square(constant(c.weights(a.shape()))).value());
       const Var g = fit(b, p.shape());
       const Var first = 0.9 * m + 0.1 * g, second = 0.9 * v + 0.1 * square(g);
       const Var next = p - 0.1 * ((1.5 * first) / (sqrt(1.2 * second) + 0.01));
       c.update(m, first);
       c.update(v, second);
       c.update(p, next);
       return 0.5 * (a + next);
     }},
};

// --- ops that no step above applies

// The ops that a step records, its derivatives included.
void add_ops_of(const FuzzOp& step, std::set<const Op*>& met) {
  const Var a = constant(Tensor::full(Shape{2, 3}, 0.5, DType::kF64));
  const Var b = constant(Tensor::full(Shape{2, 3}, 0.25, DType::kF64));
  std::vector<Update> updates;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    Choice choice(seed, updates);
    const Var y = step.build(a, b, choice);
    std::vector<Var> outputs = vjp(sum(y), {a, b}, constant(1, DType::kF64));
    outputs.push_back(y);
    for (const Var& node : ancestors(outputs)) met.insert(&node.op());
  }
}

// An operand as the argument of a case: in its shape, in its range.
Var argument_of(const Argument& argument, const Var& x, Choice& choice) {
  if (argument.indices) {
    const auto n = static_cast<std::int64_t>(argument.high);
    return indices_below(n, argument.shape, choice);
  }
  const double width = argument.high - argument.low;
  return argument.low + width * sigmoid(fit(x, argument.shape));
}

FuzzOp step_of(const Row& row) {
  const Case& first = row.cases.front();
  const auto has_kinks = [](const Argument& x) { return !x.kinks.empty() || x.distinct; };
  const bool smooth = std::none_of(first.arguments.begin(), first.arguments.end(), has_kinks);
  const auto build = [&first](V a, V b, C choice) {
    std::vector<Var> arguments;
    for (const Argument& argument : first.arguments) {
      arguments.push_back(argument_of(argument, arguments.size() % 2 == 0 ? a : b, choice));
    }
    return tanh(bounded(cast(first.build(arguments), DType::kF64)));
  };
  return {row.name, build, smooth && !row.zero_derivative};
}

void add_missing_ops(std::vector<FuzzOp>& steps) {
  std::set<const Op*> met;
  for (const FuzzOp& step : steps) add_ops_of(step, met);
  for (const Row& row : certificate_rows()) {
    const Op* op = find_op(row.name);
    if (op && !op->leaf && !row.cases.empty() && met.insert(op).second) {
      steps.push_back(step_of(row));
    }
  }
}

}  // namespace

const std::vector<FuzzOp>& fuzz_ops() {
  static const std::vector<FuzzOp> all = [] {
    std::vector<FuzzOp> ops(std::begin(kUnary), std::end(kUnary));
    ops.insert(ops.end(), std::begin(kBinary), std::end(kBinary));
    ops.insert(ops.end(), std::begin(kShapes), std::end(kShapes));
    ops.insert(ops.end(), std::begin(kReductions), std::end(kReductions));
    ops.insert(ops.end(), std::begin(kUpdates), std::end(kUpdates));
    add_missing_ops(ops);
    return ops;
  }();
  return all;
}

}  // namespace hourglass::check
