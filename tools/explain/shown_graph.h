#pragma once

#include <string>
#include <vector>

#include "autograd/graph/print.h"
#include "tools/explain/explained.h"

namespace hourglass::tools {

// What `explain` shows of a model: the graph of its loss, of its gradient, or of the gradient of
// that, with a name on what each line is the gradient of.
struct ShownGraph {
  std::vector<Var> outputs;
  std::vector<Var> forward;  // what of it belongs to the loss, as far as that is known
};
ShownGraph shown_graph(const ExplainArguments& arguments, Explained& e);

// The same as boxes; with numbers, and no backward pass of its own, each box of the forward pass has
// its gradient.
GraphPicture shown_picture(const ExplainArguments& arguments, const ShownGraph& shown,
                           const PrintOptions& options);

}  // namespace hourglass::tools
