#pragma once

#include <vector>

#include "autograd/graph/op.h"

namespace hourglass {

// What running a graph once takes, counted from shapes alone. Doubles, since products of sizes
// pass 2^63 long before anybody runs them.
struct Cost {
  // Of a matmul or convolution as usual; one for each output element of an add, a product or a
  // function; one for each input element of a reduction; none for a reshape, a transpose, a
  // broadcast or any other op that only moves numbers.
  double multiply_adds = 0;
  // The most elements that one node holds, leaves not counted.
  double largest_buffer = 0;
};

Cost node_cost(const Var& node);
Cost graph_cost(const std::vector<Var>& outputs);  // every node that they need, each once

// The usual rules for Op::cost. An op that says nothing costs per_output if it is a lane or a draw,
// else per_input: a reduction, or an op of which nothing is known.
double cost_nothing(const Call& call);     // it only moves numbers
double cost_per_output(const Call& call);  // one for each element of the result
double cost_per_input(const Call& call);   // one for each element of the largest input

}  // namespace hourglass
