#include "autograd/compile/request.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/errors.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/graph/streams.h"
#include "autograd/graph/var_map.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/checkpoint.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass::internal {
namespace {

// "w f32 [784, 512]", or without a label "f32 [784, 512]".
std::string described(const Var& x) {
  return x.label() + (x.label().empty() ? "" : " ") + type_text(x);
}

void check_updates(const std::vector<Update>& updates) {
  VarSet seen;
  for (const Update& update : updates) {
    const Var& p = update.parameter;
    if (!p.defined() || !is_parameter(p)) {
      throw Error("compile: an update's left side must be a parameter");
    }
    if (!update.value.defined()) {
      throw Error(
          fmt::format("compile: the new value of parameter {} is an empty Var", described(p)));
    }
    if (!seen.insert(p)) {
      throw Error(fmt::format("compile: a parameter is updated twice: {}", described(p)));
    }
    if (update.value.shape() != p.shape() || update.value.dtype() != p.dtype()) {
      throw Error(fmt::format("compile: an update's types differ: parameter {}, value {}",
                              described(p), described(update.value)));
    }
  }
}

void check_watch(const std::vector<Var>& watch) {
  for (const Var& term : watch) {
    if (!term.defined()) throw Error("compile: a watched value is an empty Var");
    if (term.rank() != 0 || !is_real(term.dtype())) {
      throw Error(
          fmt::format("compile: a watched value must be a real scalar: {}", described(term)));
    }
  }
}

void check_inputs_listed(const std::vector<Var>& inputs) {
  VarSet seen;
  for (const Var& x : inputs) {
    if (!x.defined() || !is_input(x)) throw Error("compile: only inputs can be listed as inputs");
    if (!seen.insert(x)) {
      throw Error(fmt::format("compile: an input is listed twice: {}", described(x)));
    }
  }
}

void check_inputs_used(const std::vector<Var>& order, const std::vector<Var>& inputs) {
  const VarSet listed(inputs);
  for (const Var& x : order) {
    if (!is_input(x) || listed.contains(x)) continue;
    throw Error(fmt::format("compile: an input is not listed: {}{}{} {}", x.label(),
                            x.label().empty() ? "" : "=", name_of(x.dtype()),
                            to_string(x.shape())));
  }
}

// What the outputs are computed from. What is only waited for is not among it.
VarSet read_for(const std::vector<Var>& outputs) {
  VarSet read;
  std::vector<Var> left = outputs;
  while (!left.empty()) {
    const Var x = left.back();
    left.pop_back();
    if (!read.insert(x)) continue;
    const auto end = is_after(x) ? x.inputs().begin() + 1 : x.inputs().end();
    left.insert(left.end(), x.inputs().begin(), end);
  }
  return read;
}

// What a Step was told that a parameter becomes is read to be written back.
void check_written_back(const Var& node, const VarSet& updated) {
  if (!is_new_value(node)) return;
  const Var& p = node.inputs()[1];
  if (!is_parameter(p) || updated.contains(p)) return;
  throw Error(fmt::format(
      "compile: the new value of parameter {} is read, and not written back: compile(step, ...) "
      "writes what the step has recorded",
      described(p)));
}

// The graph without what only derivatives look at: stop_gradient, the marks of checkpoints and of
// new values; and without `after` where nobody else wants what it waits for.
std::vector<Var> look_through_marks(const Request& request) {
  const std::vector<Var> outputs = request.kept();
  VarSet seen;
  const VarPointers order = walk(outputs, seen);
  const bool any = std::any_of(order.begin(), order.end(), [](const Var* node) {
    return node->op().for_derivatives || is_after(*node);
  });
  if (!any) return outputs;
  const VarSet read = read_for(outputs);
  VarSet updated;
  for (const Update& update : request.updates) updated.insert(update.parameter);
  return rebuild(outputs, [&](const Var& node, const std::vector<Var>& inputs) {
    check_written_back(node, updated);
    const bool vain = is_after(node) && !read.contains(node.inputs()[1]);
    return node.op().for_derivatives || vain ? inputs[0] : reapply(node, inputs);
  });
}

}  // namespace

std::vector<Var> Request::kept() const {
  std::vector<Var> all = outputs;
  for (const Update& update : updates) all.push_back(update.value);
  all.insert(all.end(), watch.begin(), watch.end());
  return all;
}

Request Request::with(const std::vector<Var>& kept) const {
  Request other = *this;
  auto next = kept.begin();
  for (Var& output : other.outputs) output = *next++;
  for (Update& update : other.updates) update.value = *next++;
  for (Var& term : other.watch) term = *next++;
  return other;
}

void check_request(const Request& request) {
  check_updates(request.updates);
  check_watch(request.watch);
  check_inputs_listed(request.inputs);
}

Request simplify(const Request& request) {
  const std::vector<Var> kept = simplify(look_through_marks(request));
  const std::vector<Var> order = ancestors(kept);
  check_streams(order);
  check_inputs_used(order, request.inputs);
  return request.with(kept);
}

}  // namespace hourglass::internal
