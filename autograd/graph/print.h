#pragma once

#include <cstddef>
#include <string>
#include <utility>
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

// A graph to be drawn: boxes, in the order in which they begin, and which of them reads which.
struct GraphPicture {
  struct Box {
    std::string name;                // "%5", as in the text; of a folded scope "loss", "loss (2)"
    std::vector<std::string> lines;  // what is written in it
    std::vector<Var> nodes;          // one, unless it is folded
    std::string gradient = {};       // one more line, where the drawer has one
    bool backward = false;           // of a derivative, which has a colour of its own
    bool is_leaf() const;
  };
  std::vector<Box> boxes;
  std::vector<std::pair<std::size_t, std::size_t>> arrows;  // from, to: always a later box
};

// One box a node, or with `fold` one a scope each time it is entered, with its op and label, its type,
// and with `numbers` its value; the value of more than a few elements is their norm.
GraphPicture picture_of(const std::vector<Var>& outputs, const PrintOptions& options = {});

// A tensor's numbers in a box: "0.5, 0.25", or "|x| = 3.2" of many.
std::string short_numbers(const Tensor& value, int digits);

// The same for Graphviz's dot: inputs at the top, parameters as boxes.
std::string to_dot(const GraphPicture& picture);
std::string to_dot(const std::vector<Var>& outputs, const PrintOptions& options = {});

// What the lines of to_text are called there: "%5" and the node. Leaves and ops, without scalars.
std::vector<std::pair<std::string, Var>> names_in_text(const std::vector<Var>& outputs);

}  // namespace hourglass
