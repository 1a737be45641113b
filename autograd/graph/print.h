#pragma once

#include <string>
#include <vector>

#include "autograd/graph/evaluate.h"
#include "autograd/graph/var.h"

namespace hourglass {

struct PrintOptions {
  bool fold = true;              // nodes of one LabelScope as one; false: every node
  bool numbers = false;          // the value behind each node, its first elements
  int digits = 5;                // of each
  std::vector<Feed> feeds = {};  // what the inputs are, where numbers are wanted
};

// The graphs of the outputs, a line a node: `%5 = tanh f32 [32, 64] (%4)  # label`. Broadcast
// scalars are written into the line that uses them. With `fold`, what runs in one scope without a
// break is one line, which says what goes in, what comes out and which ops, an op that is there
// three times as `3 add`: `%7 = encoder.0 f32 [32, 64] (%4, %0, %1) {matmul, broadcast_to, add,
// tanh}`. Numbers need every node; `fold` then puts headings, a scope each.
std::string to_text(const std::vector<Var>& outputs, const PrintOptions& options = {});

// The same for Graphviz's dot: inputs at the top, parameters as boxes, and with `fold` one node a
// scope.
std::string to_dot(const std::vector<Var>& outputs, const PrintOptions& options = {});

}  // namespace hourglass
