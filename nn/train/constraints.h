#pragma once

#include <functional>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::nn {

// What a parameter is held to: after each update the new value is projected, p' = project(p').
struct Constraint {
  Var parameter;
  std::function<Var(const Var& value)> project;
};

// Projections. Rows are what the first axis numbers: of a Linear's weight, what leads to one unit.
Var non_negative(const Var& value);  // max(p, 0)
Var unit_rows(const Var& value);     // each row divided by its length; a row of zeros stays

// Projects the updates of constrained parameters, from `first` on, in place. Throws Error for a
// constraint without a projection, or whose parameter has no update there.
void apply_constraints(const std::vector<Constraint>& constraints, std::vector<Update>& updates,
                       std::size_t first);

}  // namespace hourglass::nn
