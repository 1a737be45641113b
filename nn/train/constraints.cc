#include "nn/train/constraints.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {

Var non_negative(const Var& value) { return relu(value); }

Var unit_rows(const Var& value) {
  std::vector<int> axes;
  for (int axis = 1; axis < value.rank(); ++axis) axes.push_back(axis);
  const Var squares = axes.empty() ? square(value) : sum(square(value), axes, true);
  return value / sqrt(where(equal(squares, zeros_like(squares)), ones_like(squares), squares));
}

void apply_constraints(const std::vector<Constraint>& constraints, std::vector<Update>& updates,
                       std::size_t first) {
  for (const Constraint& constraint : constraints) {
    const auto found =
        std::find_if(updates.begin() + static_cast<std::ptrdiff_t>(first), updates.end(),
                     [&](const Update& u) { return u.parameter.same(constraint.parameter); });
    if (!constraint.project || found == updates.end()) {
      throw Error(fmt::format(
          "constraint: {} has no update, or there is no projection",
          constraint.parameter.defined() ? constraint.parameter.label() : "no parameter"));
    }
    found->value = constraint.project(found->value);
  }
}

}  // namespace hourglass::nn
