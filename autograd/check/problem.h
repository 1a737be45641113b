#pragma once

// A gradient check in the making. Internal to autograd/check.

#include <string>
#include <vector>

#include "autograd/check/report.h"
#include "autograd/compile/program.h"
#include "autograd/transform/transform.h"

namespace hourglass::check {

// A graph over inputs that are all fed, some of which are varied.
struct Problem {
  Var y;
  std::vector<Var> inputs;
  std::vector<Tensor> point;  // one an input
  std::vector<Var> variables;
  std::vector<std::string> names;  // one a variable

  std::vector<Feed> feeds() const;
};

// Of a function at a point, and of a graph that exists, lifted to f64.
Problem problem_of(const Function& f, const std::vector<Tensor>& inputs);
Problem problem_of(const Var& loss, const std::vector<Var>& variables,
                   const std::vector<Feed>& feeds);

// The stop_gradient nodes of the graph that is checked, which depend on the variables. Those of
// derivative rules, in graphs of higher order, are not among them: they hide what a difference must
// see.
std::vector<Var> stops_of(const Problem& problem);

// The graph with these nodes at their values at the point: a difference must not see through them
// when the derivative does not.
Var held_at(const Problem& problem, const Var& scalar, const std::vector<Var>& stops);

// Orders 1 to `orders`, up to the first that fails; `blame` looks for the op that is at fault.
CheckReport run(const Problem& problem, int orders, const CheckOptions& options, bool blame);

// The ops below `scalar` whose own derivatives, up to this order, are wrong at the numbers that
// reach them: "wrong by itself: multiply, argument 1: a=[2], b=[2]".
std::vector<std::string> suspects(const Problem& problem, const Var& scalar, int order,
                                  const CheckOptions& options);

}  // namespace hourglass::check
