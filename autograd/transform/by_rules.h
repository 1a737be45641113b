#pragma once

#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// As vjp (transform.h), but what an op's derivative rule makes stands in a LabelScope of that rule,
// "d matmul", within the scope of the node that it was applied to: a printed graph says which rule
// each line comes from.
std::vector<Var> vjp_by_rules(const Var& y, const std::vector<Var>& xs, const Var& cotangent);

namespace internal {

// Where what is derived from a node belongs: where the node does, and for vjp_by_rules below that.
LabelScope::Absolute scope_of_rule(const Var& node);

}  // namespace internal
}  // namespace hourglass
