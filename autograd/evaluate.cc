#include <fmt/core.h>

#include <unordered_map>

#include "autograd/graph.h"
#include "autograd/node.h"
#include "autograd/op.h"
#include "autograd/program.h"
#include "autograd/random.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

std::string describe(const Var& x) {
  return fmt::format("{}{}{} {}", x.label(), x.label().empty() ? "" : "=", name_of(x.dtype()),
                     to_string(x.shape()));
}

void check_feed(const Feed& feed) {
  if (!is_input(feed.input)) {
    throw Error(fmt::format("evaluate: only an input can be fed: got {} {}", feed.input.op().name,
                            describe(feed.input)));
  }
  if (feed.value.shape() != feed.input.shape() || feed.value.dtype() != feed.input.dtype()) {
    throw Error(fmt::format("evaluate: fed with another type: input {}: got {} {}",
                            describe(feed.input), name_of(feed.value.dtype()),
                            to_string(feed.value.shape())));
  }
}

Tensor run_node(const Var& node, const std::unordered_map<const Node*, Tensor>& values) {
  std::vector<ArrayRef> inputs;
  for (const Var& input : node.inputs()) {
    // Kernels take non-const pointers for outputs only; inputs are never written.
    inputs.push_back(
        {const_cast<void*>(values.at(input.node()).raw()), &input.shape(), input.dtype()});
  }
  Tensor result = Tensor::uninitialized(node.shape(), node.dtype());
  run_kernel(node.op(), {inputs, {result.raw(), &node.shape(), node.dtype()}, node.attributes()});
  return result;
}

}  // namespace

std::vector<Tensor> evaluate(const std::vector<Var>& outputs, const std::vector<Feed>& feeds) {
  std::unordered_map<const Node*, Tensor> values;
  for (const Feed& feed : feeds) {
    check_feed(feed);
    values[feed.input.node()] = feed.value;
  }
  const std::vector<Var> order = ancestors(outputs);
  check_streams(order);
  std::unordered_map<const Node*, int> readers;  // how many reads of a value are still to come
  for (const Var& node : order) {
    for (const Var& input : node.inputs()) ++readers[input.node()];
  }
  for (const Var& output : outputs) ++readers[output.node()];
  for (const Var& node : order) {
    if (is_constant(node) || is_parameter(node)) {
      values[node.node()] = node.tensor();
    } else if (is_input(node)) {
      if (!values.count(node.node())) {
        throw Error(fmt::format("evaluate: an input was not fed: {}", describe(node)));
      }
    } else {
      values[node.node()] = run_node(node, values);
      for (const Var& input : node.inputs()) {
        if (--readers[input.node()] == 0) values.erase(input.node());
      }
    }
  }
  std::vector<Tensor> result;
  for (const Var& output : outputs) {
    // A leaf's storage stays its own: what is handed out must not change with the next update.
    const Tensor& value = values.at(output.node());
    result.push_back(is_leaf(output) ? value.clone() : value);
  }
  return result;
}

Tensor Var::value() const { return evaluate({*this})[0]; }

}  // namespace hourglass
