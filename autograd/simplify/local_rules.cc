#include <algorithm>
#include <array>
#include <numeric>

#include "autograd/simplify/local_rules.h"

#include "autograd/graph/attributes.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"

// What simplify does to one node at a time. Only structural zeros are taken away, as terms of a
// sum: x * 0 and x - x stay, since they are NaN where x is.

namespace hourglass {

using kernels::Lane;
using Inputs = std::vector<Var>;
using Sizes = std::vector<std::int64_t>;
using Result = std::optional<Var>;

namespace {

Sizes integers(const Var& x, std::string_view name) { return x.attributes().integers(name); }

bool only_prepends_ones(const Shape& from, const Shape& to) {
  if (to.rank() < from.rank()) return false;
  const auto& sizes = to.sizes();
  const auto split = sizes.end() - from.rank();
  return std::all_of(sizes.begin(), split, [](std::int64_t n) { return n == 1; }) &&
         std::equal(split, sizes.end(), from.sizes().begin());
}

}  // namespace

bool LocalRules::is(const Var& x, Lane lane) const {
  return x.op().lane == lane && !opaque_.count(x.id());
}

bool LocalRules::is(const Var& x, std::string_view name) const {
  return x.op().name == name && !opaque_.count(x.id());
}

bool LocalRules::is_uniform(const Var& x, double value) const { return uniform_value(x) == value; }

// --- constants: a function of numbers that are the same everywhere is computed once, here.

Result LocalRules::fold_uniform(const Var& node, const Inputs& inputs) const {
  if (!node.op().is_lane()) return {};
  std::vector<Tensor> numbers;
  std::vector<ArrayRef> refs;
  const Shape one;
  for (const Var& input : inputs) {
    const std::optional<double> value = uniform_value(input);
    if (!value) return {};
    numbers.push_back(Tensor::scalar(*value, input.dtype()));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    refs.push_back({numbers[i].raw(), &one, inputs[i].dtype()});
  }
  Tensor result(one, node.dtype());
  run_kernel(node.op(), {refs, {result.raw(), &one, node.dtype()}, node.attributes()});
  return broadcast_to(constant(result), node.shape());
}

// --- neutral elements and signs

Result LocalRules::simplify_add(const Inputs& x) const {
  if (is_uniform(x[0], 0)) return x[1];
  if (is_uniform(x[1], 0)) return x[0];
  if (is(x[1], Lane::kNegate)) return x[0] - x[1].inputs()[0];
  if (is(x[0], Lane::kNegate)) return x[1] - x[0].inputs()[0];
  return {};
}

Result LocalRules::simplify_subtract(const Inputs& x) const {
  if (is_uniform(x[0], 0)) return -x[1];
  if (is_uniform(x[1], 0)) return x[0];
  if (is(x[1], Lane::kNegate)) return x[0] + x[1].inputs()[0];
  return {};
}

Result LocalRules::simplify_multiply(const Inputs& x) const {
  if (is_uniform(x[0], 1)) return x[1];
  if (is_uniform(x[1], 1)) return x[0];
  if (is_uniform(x[0], -1)) return -x[1];
  if (is_uniform(x[1], -1)) return -x[0];
  if (x[0].same(x[1])) return square(x[0]);  // the contraction normal form knows squares
  return {};
}

Result LocalRules::simplify_lane(const Var& node, const Inputs& x) const {
  switch (node.op().lane) {
    case Lane::kAdd:
      return simplify_add(x);
    case Lane::kSubtract:
      return simplify_subtract(x);
    case Lane::kMultiply:
      return simplify_multiply(x);
    case Lane::kDivide:
      return is_uniform(x[1], 1) ? Result(x[0]) : Result();
    case Lane::kNegate:
      return is(x[0], Lane::kNegate) ? Result(x[0].inputs()[0]) : Result();
    case Lane::kPowScalar: {
      const double exponent = node.attributes().reals()[0];
      if (exponent == 1) return x[0];
      return exponent == 2 ? Result(square(x[0])) : Result();
    }
    default:
      return {};
  }
}

// --- ops that only move numbers: two in a row are one, and one that moves nothing is none

Result LocalRules::simplify_reshape(const Var& node, const Inputs& x) const {
  if (x[0].shape() == node.shape()) return x[0];
  if (is(x[0], "reshape")) return reshape(x[0].inputs()[0], node.shape());
  if (const auto value = uniform_value(x[0]); value && is(x[0], "broadcast_to")) {
    return full(node.shape(), *value, node.dtype());
  }
  return {};
}

Result LocalRules::simplify_transpose(const Var& node, const Inputs& x) const {
  const Sizes p = integers(node, "permutation");
  Sizes moved;  // axes of more than one element, in the new order
  for (std::int64_t axis : p) {
    if (x[0].size(static_cast<int>(axis)) != 1) moved.push_back(axis);
  }
  if (std::is_sorted(moved.begin(), moved.end())) return reshape(x[0], node.shape());
  if (is(x[0], "transpose")) {
    const Sizes inner = integers(x[0], "permutation");
    std::vector<int> both;
    for (std::int64_t axis : p)
      both.push_back(static_cast<int>(inner[static_cast<std::size_t>(axis)]));
    return transpose(x[0].inputs()[0], both);
  }
  if (uniform_value(x[0])) return full(node.shape(), *uniform_value(x[0]), node.dtype());
  return {};
}

Result LocalRules::simplify_broadcast(const Var& node, const Inputs& x) const {
  if (x[0].shape() == node.shape()) return x[0];
  if (is(x[0], "broadcast_to")) return broadcast_to(x[0].inputs()[0], node.shape());
  if (is(x[0], "reshape") && only_prepends_ones(x[0].inputs()[0].shape(), x[0].shape())) {
    return broadcast_to(x[0].inputs()[0], node.shape());
  }
  return {};
}

Result LocalRules::simplify_sum_to(const Var& node, const Inputs& x) const {
  if (x[0].shape() == node.shape()) return x[0];
  if (x[0].elements() == node.elements()) return reshape(x[0], node.shape());
  return {};
}

// --- matmul: a transpose of the last two axes is a flag

bool LocalRules::swaps_last_two(const Var& x) const {
  if (!is(x, "transpose")) return false;
  Sizes p = integers(x, "permutation");
  std::swap(p[p.size() - 1], p[p.size() - 2]);
  return std::is_sorted(p.begin(), p.end());
}

Result LocalRules::simplify_matmul(const Var& node, const Inputs& x) const {
  const bool flip_a = swaps_last_two(x[0]);
  const bool flip_b = swaps_last_two(x[1]);
  if (!flip_a && !flip_b) return {};
  const Attributes& flags = node.attributes();
  return apply(node.op(), {flip_a ? x[0].inputs()[0] : x[0], flip_b ? x[1].inputs()[0] : x[1]},
               {{"transpose_a", flags.flag("transpose_a") != flip_a},
                {"transpose_b", flags.flag("transpose_b") != flip_b}});
}

std::optional<double> LocalRules::uniform_value(const Var& x) const {
  const Var* node = &x;
  while (is(*node, "broadcast_to") || is(*node, "reshape")) node = &node->inputs()[0];
  if (!is_constant(*node) || node->elements() != 1 || opaque_.count(node->id())) return {};
  return node->tensor().at(0);
}

std::optional<Var> LocalRules::operator()(const Var& node, const std::vector<Var>& inputs) const {
  if (inputs.empty() || node.op().is_random()) return {};
  if (const Result folded = fold_uniform(node, inputs)) return folded;
  const std::string_view name = node.op().name;
  if (node.op().is_lane()) return simplify_lane(node, inputs);
  if (name == "reshape") return simplify_reshape(node, inputs);
  if (name == "transpose") return simplify_transpose(node, inputs);
  if (name == "broadcast_to") return simplify_broadcast(node, inputs);
  if (name == "sum_to") return simplify_sum_to(node, inputs);
  if (name == "matmul") return simplify_matmul(node, inputs);
  return {};
}

std::optional<Var> LocalRules::fold(const Var& node) const {
  static constexpr std::array<std::string_view, 4> kFolded = {"matmul", "reshape", "sum_to",
                                                              "transpose"};
  const bool known = node.op().is_lane() ||
                     std::find(kFolded.begin(), kFolded.end(), node.op().name) != kFolded.end();
  if (!known || node.inputs().empty() || node.elements() > kMostFolded) return {};
  std::vector<ArrayRef> refs;
  for (const Var& input : node.inputs()) {
    const bool folds =
        is_constant(input) && !opaque_.count(input.id()) && input.elements() <= kMostFolded;
    if (!folds) return {};
    refs.push_back({input.tensor().raw(), &input.shape(), input.dtype()});
  }
  Tensor result(node.shape(), node.dtype());
  run_kernel(node.op(), {refs, {result.raw(), &node.shape(), node.dtype()}, node.attributes()});
  return constant(result);
}

}  // namespace hourglass
