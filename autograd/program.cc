#include "autograd/program.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <optional>
#include <unordered_set>

#include "autograd/checkpoint.h"
#include "autograd/graph.h"
#include "autograd/loop.h"
#include "autograd/node.h"
#include "autograd/op.h"
#include "autograd/plan.h"
#include "autograd/random.h"
#include "autograd/transform.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace hourglass {
namespace {

std::string describe(const Var& x) {
  return fmt::format("{} {}", name_of(x.dtype()), to_string(x.shape()));
}

void check_updates(const std::vector<Update>& updates) {
  std::unordered_set<const Node*> seen;
  for (const Update& update : updates) {
    const Var& p = update.parameter;
    if (!p.defined() || !is_parameter(p)) {
      throw Error("compile: an update's left side must be a parameter");
    }
    if (!update.value.defined()) {
      throw Error(fmt::format("compile: the new value of parameter {} {} is an empty Var",
                              p.label(), describe(p)));
    }
    if (!seen.insert(p.node()).second) {
      throw Error(
          fmt::format("compile: a parameter is updated twice: {} {}", p.label(), describe(p)));
    }
    if (update.value.shape() != p.shape() || update.value.dtype() != p.dtype()) {
      throw Error(fmt::format("compile: an update's types differ: parameter {} {}, value {}",
                              p.label(), describe(p), describe(update.value)));
    }
  }
}

void check_watch(const std::vector<Var>& watch) {
  for (const Var& term : watch) {
    if (!term.defined()) throw Error("compile: a watched value is an empty Var");
    if (term.rank() != 0 || !is_real(term.dtype())) {
      throw Error(fmt::format("compile: a watched value must be a real scalar: {} {}", term.label(),
                              describe(term)));
    }
  }
}

void check_inputs_listed(const std::vector<Var>& inputs) {
  std::unordered_set<const Node*> seen;
  for (const Var& x : inputs) {
    if (!x.defined() || !is_input(x)) throw Error("compile: only inputs can be listed as inputs");
    if (!seen.insert(x.node()).second) {
      throw Error(fmt::format("compile: an input is listed twice: {} {}", x.label(), describe(x)));
    }
  }
}

// The graph without what only derivatives look at: stop_gradient and the marks of checkpoints.
std::vector<Var> look_through_marks(const std::vector<Var>& outputs) {
  static const Op* stop_op = find_op("stop_gradient");
  return rebuild(outputs, [](const Var& node, const std::vector<Var>& inputs) {
    const bool mark = &node.op() == stop_op || is_checkpoint(node);
    return mark ? inputs[0] : reapply(node, inputs);
  });
}

// Exclusive right to write the updated parameters, given back at the end of a run.
class Writers {
 public:
  explicit Writers(const std::vector<Update>& updates) {
    for (const Update& update : updates) {
      Node* node = update.parameter.node();
      if (node->writing.exchange(true)) {
        release();
        throw Error(fmt::format("run: parameter {} is being updated by another running program",
                                node->label));
      }
      held_.push_back(node);
    }
  }
  ~Writers() { release(); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

 private:
  void release() {
    for (Node* node : held_) node->writing = false;
    held_.clear();
  }
  std::vector<Node*> held_;
};

}  // namespace

struct Program::Body {
  std::vector<Var> outputs;
  CompileOptions options;
  Plan plan;
  Tensor arena;
  std::vector<std::string> watch_names;
  std::vector<bool> looped;  // one an update: a loop makes the new value, and checks it
  std::vector<std::optional<LoopRunner>> loops;  // one an instruction, where it is a loop
  std::vector<Tensor> results;
  std::vector<Tensor> staged;        // one an update, defined where the value is not in the arena
  std::vector<void*> reads, writes;  // of the instruction that runs
  std::vector<ArrayRef> refs;

  void* address(const Var& x, std::span<const Tensor> inputs) {
    const Place& place = plan.places.at(x.node());
    switch (place.kind) {
      case Place::Kind::kArena:
        return static_cast<char*>(arena.raw()) + place.offset;
      case Place::Kind::kInput:
        return const_cast<void*>(inputs[place.index].raw());
      case Place::Kind::kLeaf:
        break;
    }
    return const_cast<void*>(place.leaf->tensor.raw());
  }

  void check_inputs(std::span<const Tensor> inputs) const {
    if (inputs.size() != options.inputs.size()) {
      throw Error(fmt::format("run: the program takes {} inputs: got {}", options.inputs.size(),
                              inputs.size()));
    }
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      const Var& expected = options.inputs[i];
      if (inputs[i].shape() != expected.shape() || inputs[i].dtype() != expected.dtype()) {
        throw Error(fmt::format("run: input {} {}: expected {}, got {} {}", i, expected.label(),
                                describe(expected), name_of(inputs[i].dtype()),
                                to_string(inputs[i].shape())));
      }
    }
  }

  void execute(std::span<const Tensor> inputs) {
    for (std::size_t k = 0; k < plan.instructions.size(); ++k) {
      if (k == plan.gate) check_watch(inputs);
      const Instruction& instruction = plan.instructions[k];
      if (loops[k]) {
        run_loop(instruction, *loops[k], inputs);
      } else {
        run_node(instruction.nodes[0], inputs);
      }
    }
    if (plan.gate == plan.instructions.size()) check_watch(inputs);
  }

  void run_loop(const Instruction& instruction, const LoopRunner& loop,
                std::span<const Tensor> inputs) {
    reads.clear();
    writes.clear();
    for (const Read& read : instruction.reads) reads.push_back(address(read.value, inputs));
    for (const Var& output : instruction.outputs) writes.push_back(address(output, inputs));
    if (!loop.run(reads, writes)) blame(instruction, inputs);
  }

  void run_node(const Var& node, std::span<const Tensor> inputs) {
    refs.clear();
    for (const Var& input : node.inputs()) {
      refs.push_back({address(storage_of(input), inputs), &input.shape(), input.dtype()});
    }
    run_kernel(node.op(),
               {refs, {address(node, inputs), &node.shape(), node.dtype()}, node.attributes()});
  }

  // Before anything is written in place: a bad loss leaves every parameter as it was.
  void check_watch(std::span<const Tensor> inputs) {
    for (std::size_t i = 0; i < options.watch.size(); ++i) {
      const Var& term = options.watch[i];
      if (!all_finite(term.dtype(), address(term, inputs), 1)) {
        throw NonFiniteError(fmt::format("loss term {} is not finite", watch_names[i]), true,
                             trace(inputs));
      }
    }
  }

  bool made_by_loop(const Var& value) const {
    for (const Instruction& instruction : plan.instructions) {
      for (const Var& output : instruction.outputs) {
        if (output.same(storage_of(value))) return instruction.loop;
      }
    }
    return false;
  }

  // No parameter has changed yet, so the reference interpreter sees what the program saw.
  std::string trace(std::span<const Tensor> inputs) const {
    std::vector<Feed> feeds;
    for (std::size_t i = 0; i < inputs.size(); ++i) feeds.push_back({options.inputs[i], inputs[i]});
    return trace_non_finite(options.watch, feeds);
  }

  void check_update(const Update& update, std::span<const Tensor> inputs) {
    const Var& value = update.value;
    if (!all_finite(value.dtype(), address(value, inputs), value.elements())) {
      throw NonFiniteError(
          fmt::format("the new value of parameter {} is not finite", update.parameter.label()),
          false);
    }
  }

  // A loop saw a number that is not finite: which parameter's new value is it?
  void blame(const Instruction& loop, std::span<const Tensor> inputs) {
    for (const Update& update : options.updates) {
      for (const Var& output : loop.outputs) {
        if (output.same(storage_of(update.value))) check_update(update, inputs);
      }
    }
  }

  // Loops have looked at what they made; the new values that kernels made are looked at here.
  void check_updates_of_kernels(std::span<const Tensor> inputs) {
    for (std::size_t i = 0; i < options.updates.size(); ++i) {
      if (!looped[i]) check_update(options.updates[i], inputs);
    }
  }

  // A new value that is itself a parameter (a swap, a target network), or an input whose tensor may
  // be a parameter's own, is set aside first: it may be overwritten before it is copied.
  void commit(std::span<const Tensor> inputs) {
    staged.resize(options.updates.size());
    for (std::size_t i = 0; i < staged.size(); ++i) {
      const Update& update = options.updates[i];
      const Place& place = plan.places.at(update.value.node());
      if (place.kind == Place::Kind::kArena || place.leaf == update.parameter.node()) continue;
      if (!staged[i].defined()) {
        staged[i] = Tensor::uninitialized(update.value.shape(), update.value.dtype());
      }
      std::memcpy(staged[i].raw(), address(update.value, inputs), staged[i].bytes());
    }
    for (std::size_t i = 0; i < staged.size(); ++i) {
      const Update& update = options.updates[i];
      Tensor& storage = update.parameter.node()->tensor;
      const void* value = staged[i].defined() ? staged[i].raw() : address(update.value, inputs);
      if (value != storage.raw()) std::memcpy(storage.raw(), value, storage.bytes());
    }
  }

  void prepare_loops(const std::vector<Update>& updates) {
    std::unordered_set<const Node*> new_values;
    for (const Update& update : updates) new_values.insert(storage_of(update.value).node());
    for (const Instruction& instruction : plan.instructions) {
      auto& loop = loops.emplace_back();
      if (!instruction.loop) continue;
      loop.emplace(instruction);
      for (std::size_t k = 0; k < instruction.outputs.size(); ++k) {
        if (new_values.count(instruction.outputs[k].node())) loop->check_finite(k);
      }
    }
    for (const Update& update : updates) looped.push_back(made_by_loop(update.value));
  }

  void collect(std::span<const Tensor> inputs) {
    results.resize(outputs.size());
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (!results[i].defined() || results[i].shared()) {
        results[i] = Tensor::uninitialized(outputs[i].shape(), outputs[i].dtype());
      }
      std::memcpy(results[i].raw(), address(outputs[i], inputs), results[i].bytes());
    }
  }
};

Program::Program() = default;
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

Program compile(const std::vector<Var>& outputs, CompileOptions options) {
  check_updates(options.updates);
  check_watch(options.watch);
  check_inputs_listed(options.inputs);
  std::vector<Var> kept = outputs;
  for (const Update& update : options.updates) kept.push_back(update.value);
  for (const Var& term : options.watch) kept.push_back(term);
  kept = simplify(look_through_marks(kept));
  check_streams(ancestors(kept));

  Program program;
  program.body_ = std::make_unique<Program::Body>();
  Program::Body& body = *program.body_;
  auto next = kept.begin();
  for (std::size_t i = 0; i < outputs.size(); ++i) body.outputs.push_back(*next++);
  for (Update& update : options.updates) update.value = *next++;
  for (Var& term : options.watch) {
    // Equal terms may have become one node: the name to report is that of the term as it was given.
    body.watch_names.push_back(term.label());
    term = *next++;
  }
  body.plan = make_plan({body.outputs, options.updates, options.watch, options.inputs});
  body.prepare_loops(options.updates);
  body.options = std::move(options);
  body.arena = Tensor(Shape{static_cast<std::int64_t>(body.plan.arena_bytes)}, DType::kU8);
  return program;
}

const std::vector<Tensor>& Program::run(std::span<const Tensor> inputs) {
  if (!body_) throw Error("run: the program is empty: it was never compiled or was moved from");
  Body& body = *body_;
  body.check_inputs(inputs);
  const ThreadScope scope(body.options.threads > 0 ? body.options.threads : threads());
  const Writers writers(body.options.updates);
  body.execute(inputs);
  body.check_updates_of_kernels(inputs);
  body.collect(
      inputs);  // before the commit: an output that is a parameter shows its value before it
  body.commit(inputs);
  return body.results;
}

const std::vector<Tensor>& Program::run(std::initializer_list<Tensor> inputs) {
  return run(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

std::string Program::plan() const { return body_ ? to_string(body_->plan) : std::string(); }
std::size_t Program::arena_bytes() const { return body_ ? body_->plan.arena_bytes : 0; }

ProgramByShape::ProgramByShape(std::function<Graph(const std::vector<Var>&)> f)
    : f_(std::move(f)) {}

const std::vector<Tensor>& ProgramByShape::run(std::span<const Tensor> inputs) {
  std::vector<Shape> shapes;
  std::vector<DType> dtypes;
  for (const Tensor& x : inputs) {
    shapes.push_back(x.shape());
    dtypes.push_back(x.dtype());
  }
  for (Kept& kept : kept_) {
    if (kept.shapes == shapes && kept.dtypes == dtypes) return kept.program.run(inputs);
  }
  std::vector<Var> vars;
  for (const Tensor& x : inputs) vars.push_back(input(x.shape(), x.dtype()));
  Graph graph = f_(vars);
  graph.options.inputs = vars;
  Program program = compile(graph.outputs, std::move(graph.options));
  kept_.push_back({std::move(shapes), std::move(dtypes), std::move(program)});
  return kept_.back().program.run(inputs);
}

const std::vector<Tensor>& ProgramByShape::run(std::initializer_list<Tensor> inputs) {
  return run(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

ProgramByShape compile_by_shape(std::function<Graph(const std::vector<Var>& inputs)> f) {
  return ProgramByShape(std::move(f));
}

}  // namespace hourglass
