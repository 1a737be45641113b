#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::nn {

// What a loss term is a sum or a mean of, in an example; over examples it is a mean.
enum class Unit : std::uint8_t {
  kWhole,      // neither: one number, such as a judgement of a whole code
  kInputMean,  // a mean over what the example holds, its pixels
  kInputSum,   // a sum over them
  kCodeSum     // a sum over the units of its code
};

struct NamedValue {
  std::string name;
  double value = 0;
  Unit unit = Unit::kWhole;  // of a loss term
};

// The loss as trained and the terms it is the weighted sum of, by name.
struct Term {
  std::string name;
  Var value;  // a scalar
  double weight = 1;
  Var ramp = {};  // a scalar that the weight is multiplied by, where it changes from step to step
  Unit unit = Unit::kWhole;
};
struct Objective {
  Var loss;
  std::vector<Term> terms;
  std::vector<Var> parts;  // of each term what it adds to the loss: weight * ramp * value
};
// The loss is the sum of the parts. Throws Error where there is no term, one has no name or that of
// another, a weight is not finite, or a value or ramp is no scalar.
Objective make_objective(std::vector<Term> terms);

// A batch as a graph sees it: tensors [B, ...] that belong together row by row, such as examples
// and their labels.
using Batch = std::vector<Var>;

// A loss as graph code. It is called with inputs of a batch's shapes, once or twice a shape: what
// changes from step to step is in the step, and state is updated through step.update.
using ObjectiveFunction = std::function<Objective(const Batch& batch, Step& step)>;

}  // namespace hourglass::nn
