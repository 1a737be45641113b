#pragma once

// Are the derivatives right? In f64, against finite differences, at any point: of a function, of an
// op of one's own, of a whole model at its trained weights.

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/check/report.h"
#include "autograd/compile/program.h"
#include "autograd/graph/var.h"
#include "autograd/transform/transform.h"

namespace hourglass {

// Checks the derivatives of f at `inputs`; real inputs are taken as f64, integer inputs are handed
// on and not varied. A result that is not a scalar is summed with random weights, so that every
// element of the Jacobian counts. Random draws keep their numbers, the function's own stop_gradient
// nodes are held. On a kink the slope of either side passes, and the report says "one-sided"; what
// is neither does not: "not differentiable here". Throws Error if there is nothing to check.
CheckReport gradcheck(const Function& f, const std::vector<Tensor>& inputs,
                      const CheckOptions& options = {});
// The first order, and then the derivatives of the gradient.
CheckReport gradgradcheck(const Function& f, const std::vector<Tensor>& inputs,
                          const CheckOptions& options = {});

// The same for a graph that exists, with respect to leaves or inner nodes of it at the numbers that
// they have; the graph is lifted to f64 by cast_graph. Inputs are fed.
CheckReport gradcheck(const Var& loss, const std::vector<Var>& variables,
                      const std::vector<Feed>& feeds = {}, const CheckOptions& options = {});
CheckReport gradgradcheck(const Var& loss, const std::vector<Var>& variables,
                          const std::vector<Feed>& feeds = {}, const CheckOptions& options = {});

// For f linear in its inputs together: <f(x), u> = <x, f'(u)> for random x and u, f' from vjp. f is
// called with f64 inputs of these shapes. The error is relative to max(1, |x| |f'(u)|, |f(x)| |u|).
AdjointReport adjoint_check(const Function& f, const std::vector<Shape>& shapes, int pairs = 8,
                            double tolerance = 1e-13, std::uint64_t seed = 1);

}  // namespace hourglass
