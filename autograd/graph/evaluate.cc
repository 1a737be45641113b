#include "autograd/graph/evaluate.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/graph/errors.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/graph/streams.h"
#include "autograd/graph/var_map.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

std::string described(const Var& x) {
  return x.label() + (x.label().empty() ? "" : "=") + type_text(x);
}

void check_feed(const Feed& feed) {
  if (!is_input(feed.input)) {
    throw Error(fmt::format("evaluate: only an input can be fed: got {} {}", feed.input.op().name,
                            described(feed.input)));
  }
  if (feed.value.shape() != feed.input.shape() || feed.value.dtype() != feed.input.dtype()) {
    throw Error(fmt::format("evaluate: fed with another type: input {}: got {}",
                            described(feed.input), type_text(feed.value)));
  }
}

using Values = VarMap<Tensor>;  // empty once nobody needs them any more

Tensor run_node(const Var& node, const Values& values) {
  std::vector<ArrayRef> inputs;
  for (const Var& input : node.inputs()) {
    inputs.push_back({values.at(input).raw(), &input.shape(), input.dtype()});
  }
  Tensor result = Tensor::uninitialized(node.shape(), node.dtype());
  run_kernel(node.op(), {inputs, {result.raw(), &node.shape(), node.dtype()}, node.attributes()});
  return result;
}

// Runs every node in order; `visit(node, values)` sees each with its inputs still there, and stops
// it by false.
template <class Visit>
Values interpret(const std::vector<Var>& outputs, const std::vector<Feed>& feeds, Visit&& visit) {
  Values values;
  for (const Feed& feed : feeds) {
    check_feed(feed);
    values[feed.input] = feed.value;
  }
  const std::vector<Var> order = ancestors(outputs);
  check_streams(order);
  VarMap<int> readers;  // how many reads of a value are still to come
  for (const Var& node : order) {
    for (const Var& input : node.inputs()) ++readers[input];
  }
  for (const Var& output : outputs) ++readers[output];
  for (const Var& node : order) {
    if (is_constant(node) || is_parameter(node)) {
      values[node] = node.tensor();
    } else if (!is_input(node)) {
      values[node] = run_node(node, values);
    } else if (!values.contains(node)) {
      throw Error(fmt::format("evaluate: an input was not fed: {}", described(node)));
    }
    if (!visit(node, values)) break;
    for (const Var& input : node.inputs()) {
      if (--readers[input] == 0 && !is_leaf(input)) values[input] = Tensor();
    }
  }
  return values;
}

// "-1.5 to 2", or that there is a NaN.
std::string range_text(const Tensor& t) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (double x : t.values()) {
    if (std::isnan(x)) return "with NaN";
    low = std::min(low, x);
    high = std::max(high, x);
  }
  return fmt::format("{:.4g} to {:.4g}", low, high);
}

bool is_finite(const Tensor& t) {
  const std::vector<double> values = t.values();
  return std::all_of(values.begin(), values.end(), [](double x) { return std::isfinite(x); });
}

}  // namespace

std::vector<Tensor> evaluate(const std::vector<Var>& outputs, const std::vector<Feed>& feeds) {
  const Values values = interpret(outputs, feeds, [](const Var&, const Values&) { return true; });
  std::vector<Tensor> result;
  for (const Var& output : outputs) {
    // A leaf's storage stays its own: what is handed out must not change with the next update.
    const Tensor& value = values.at(output);
    result.push_back(is_leaf(output) ? value.clone() : value);
  }
  return result;
}

std::string trace_non_finite(const std::vector<Var>& outputs, const std::vector<Feed>& feeds) {
  std::string found;
  interpret(outputs, feeds, [&](const Var& node, const Values& values) {
    if (!is_real(node.dtype()) || is_constant(node) || is_finite(values.at(node))) return true;
    found = fmt::format("{} {}", node.op().name, type_text(node));
    if (!node.label().empty()) found += " " + node.label();
    if (!node.scope().empty()) found += " in " + node.scope();
    for (std::size_t i = 0; i < node.inputs().size(); ++i) {
      found += fmt::format("{} {}", i ? "," : " of", range_text(values.at(node.inputs()[i])));
    }
    return false;
  });
  return found;
}

Tensor Var::value() const { return evaluate({*this})[0]; }

}  // namespace hourglass
