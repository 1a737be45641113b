#include <fmt/core.h>

#include <string>
#include <unordered_set>

#include "autograd/compile/program_body.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/graph/streams.h"
#include "autograd/ops/random.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/checkpoint.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/memory.h"

namespace hourglass {
namespace {

// "w f32 [784, 512]", or without a label "f32 [784, 512]".
std::string describe(const Var& x) {
  const std::string label = x.label() + (x.label().empty() ? "" : " ");
  return fmt::format("{}{} {}", label, name_of(x.dtype()), to_string(x.shape()));
}

void check_updates(const std::vector<Update>& updates) {
  std::unordered_set<const Node*> seen;
  for (const Update& update : updates) {
    const Var& p = update.parameter;
    if (!p.defined() || !is_parameter(p)) {
      throw Error("compile: an update's left side must be a parameter");
    }
    if (!update.value.defined()) {
      throw Error(
          fmt::format("compile: the new value of parameter {} is an empty Var", describe(p)));
    }
    if (!seen.insert(p.node()).second) {
      throw Error(fmt::format("compile: a parameter is updated twice: {}", describe(p)));
    }
    if (update.value.shape() != p.shape() || update.value.dtype() != p.dtype()) {
      throw Error(fmt::format("compile: an update's types differ: parameter {}, value {}",
                              describe(p), describe(update.value)));
    }
  }
}

void check_watch(const std::vector<Var>& watch) {
  for (const Var& term : watch) {
    if (!term.defined()) throw Error("compile: a watched value is an empty Var");
    if (term.rank() != 0 || !is_real(term.dtype())) {
      throw Error(
          fmt::format("compile: a watched value must be a real scalar: {}", describe(term)));
    }
  }
}

void check_inputs_listed(const std::vector<Var>& inputs) {
  std::unordered_set<const Node*> seen;
  for (const Var& x : inputs) {
    if (!x.defined() || !is_input(x)) throw Error("compile: only inputs can be listed as inputs");
    if (!seen.insert(x.node()).second) {
      throw Error(fmt::format("compile: an input is listed twice: {}", describe(x)));
    }
  }
}

// What the outputs are computed from. What is only waited for is not among it.
std::unordered_set<const Node*> read_for(const std::vector<Var>& outputs) {
  std::unordered_set<const Node*> read;
  std::vector<Var> left = outputs;
  while (!left.empty()) {
    const Var x = left.back();
    left.pop_back();
    if (!x.defined() || !read.insert(x.node()).second) continue;  // rebuild refuses an empty Var
    const auto end = is_after(x) ? x.inputs().begin() + 1 : x.inputs().end();
    left.insert(left.end(), x.inputs().begin(), end);
  }
  return read;
}

// The graph without what only derivatives look at: stop_gradient and the marks of checkpoints; and
// without `after` where nobody else wants what it waits for.
std::vector<Var> look_through_marks(const std::vector<Var>& outputs) {
  const std::unordered_set<const Node*> read = read_for(outputs);
  return rebuild(outputs, [&](const Var& node, const std::vector<Var>& inputs) {
    const bool vain = is_after(node) && !read.count(node.inputs()[1].node());
    return node.op().for_derivatives || vain ? inputs[0] : reapply(node, inputs);
  });
}

}  // namespace

Program compile(const std::vector<Var>& outputs, CompileOptions options) {
  check_updates(options.updates);
  check_watch(options.watch);
  check_inputs_listed(options.inputs);
  if (options.threads < 0 || options.threads > 1024) {
    throw Error(
        fmt::format("compile: threads: expected 1 to 1024, or 0 for all: got {}", options.threads));
  }
  if (options.memory_limit == 0) options.memory_limit = available_memory();
  std::vector<Var> kept = outputs;
  for (const Update& update : options.updates) kept.push_back(update.value);
  for (const Var& term : options.watch) kept.push_back(term);
  kept = simplify(look_through_marks(kept));
  check_streams(ancestors(kept));

  auto next = kept.begin();
  std::vector<Var> simplified;
  for (std::size_t i = 0; i < outputs.size(); ++i) simplified.push_back(*next++);
  for (Update& update : options.updates) update.value = *next++;
  std::vector<std::string> names;
  for (Var& term : options.watch) {
    names.push_back(term.label());
    term = *next++;
  }
  Program program;
  program.body_ =
      std::make_unique<Program::Body>(std::move(simplified), std::move(options), std::move(names));
  return program;
}

}  // namespace hourglass
