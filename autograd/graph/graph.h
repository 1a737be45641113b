#pragma once

#include <functional>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/graph/var_map.h"

namespace hourglass {

using Replacements = VarMap<Var>;

// Every node that the outputs need, each once, inputs before users (by id). The outputs are
// included. The walk stops at the nodes of `stop`: they are listed, what only they need is not.
// Throws Error if an output is an empty Var.
std::vector<Var> ancestors(const std::vector<Var>& outputs, const Replacements& stop = {});
// The same where they stand, in `outputs` and in the inputs of nodes; and not those that were
// `seen` already.
VarPointers walk(const std::vector<Var>& outputs, VarSet& seen, const Replacements& stop = {});

// The nodes that y needs, inputs before users, in an order that the graph alone decides: depth
// first, the inputs of a call one after the other. Ids also tell in which order a compiler had
// the arguments of a C++ call made.
std::vector<Var> reading_order(const Var& y);

// Of the nodes in `order` (inputs before users): does it depend on any of `xs`? The xs themselves
// do.
std::vector<bool> depends_on(const std::vector<Var>& order, const std::vector<Var>& xs);

// A graph built again from its inputs upwards: `rewrite` is called for every node with its new
// inputs, in order, and returns what stands in its place. Nodes in `fixed` are replaced as given,
// and what only they need is not looked at.
using Rewrite = std::function<Var(const Var& node, const std::vector<Var>& inputs)>;
std::vector<Var> rebuild(const std::vector<Var>& outputs, const Rewrite& rewrite,
                         Replacements fixed = {});

}  // namespace hourglass
