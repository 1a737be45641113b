#include "autograd/simplify/local_rules.h"

#include <algorithm>

#include "autograd/graph/simplify_call.h"
#include "autograd/ops/ops.h"

namespace hourglass::internal {
namespace {

// A function of numbers that are the same everywhere is computed once, here.
std::optional<Var> fold_uniform(const SimplifyCall& call) {
  const Op& op = call.node.op();
  const auto is_number = [&](const Var& input) { return call.uniform(input).has_value(); };
  if (!std::all_of(call.inputs.begin(), call.inputs.end(), is_number)) return {};
  std::vector<Tensor> numbers;
  for (const Var& input : call.inputs) {
    numbers.push_back(Tensor::scalar(*call.uniform(input), input.dtype()));
  }
  std::vector<ArrayRef> refs;
  const Shape one;
  for (const Tensor& number : numbers) refs.push_back({number.raw(), &one, number.dtype()});
  const DType dtype = call.node.dtype();
  Tensor result(one, dtype);
  run_kernel(op, {refs, {result.raw(), &one, dtype}, call.node.attributes()});
  return broadcast_to(constant(result), call.node.shape());
}

}  // namespace

std::optional<Var> LocalRules::operator()(const Var& node, const std::vector<Var>& inputs) const {
  const SimplifyCall call{node, inputs, opaque_};
  if (node.op().is_lane()) {
    if (const std::optional<Var> folded = fold_uniform(call)) return folded;
  }
  return node.op().simplify ? node.op().simplify(call) : std::nullopt;
}

bool LocalRules::folds(const Var& node) const {
  const bool known = node.op().is_lane() || node.op().folds;
  if (!known || node.inputs().empty() || node.elements() > kMostFolded) return false;
  return std::all_of(node.inputs().begin(), node.inputs().end(), [&](const Var& input) {
    return is_constant(input) && !opaque_.contains(input) && input.elements() <= kMostFolded;
  });
}

Var LocalRules::fold(const Var& node) const {
  std::vector<ArrayRef> refs;
  for (const Var& input : node.inputs()) {
    refs.push_back({input.tensor().raw(), &input.shape(), input.dtype()});
  }
  Tensor result(node.shape(), node.dtype());
  run_kernel(node.op(), {refs, {result.raw(), &node.shape(), node.dtype()}, node.attributes()});
  return constant(result);
}

}  // namespace hourglass::internal
