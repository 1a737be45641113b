#include "autograd/compile/program_body.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "autograd/compile/storage.h"
#include "autograd/graph/errors.h"
#include "autograd/graph/evaluate.h"
#include "autograd/graph/node.h"
#include "tensor/error.h"
#include "tensor/parallel.h"

namespace hourglass {

using namespace internal;

namespace {

std::string name_of(const Var& x) { return x.label().empty() ? type_text(x) : x.label(); }

// Exclusive right to write the updated parameters, given back at the end of a run.
class Writers {
 public:
  explicit Writers(std::span<const Update> updates) : updates_(updates) {
    for (; held_ < updates.size(); ++held_) {
      Node* node = updates[held_].parameter.node();
      if (!node->writing.exchange(true)) continue;
      release();
      throw Error(fmt::format("run: parameter {} is being updated by another running program",
                              name_of(updates[held_].parameter)));
    }
  }
  ~Writers() { release(); }
  Writers(const Writers&) = delete;
  Writers& operator=(const Writers&) = delete;

 private:
  void release() {
    while (held_ > 0) updates_[--held_].parameter.node()->writing = false;
  }
  std::span<const Update> updates_;
  std::size_t held_ = 0;
};

}  // namespace

Program::Body::Body(Request request, Plan plan, int threads, std::optional<bool> portable_bits)
    : request(std::move(request)),
      runner(std::move(plan), this->request.updates),
      threads_(threads),
      portable_bits_(portable_bits) {}

void Program::Body::check_inputs() const {
  if (fed_.size() != request.inputs.size()) {
    throw Error(fmt::format("run: the program takes {} inputs: got {}", request.inputs.size(),
                            fed_.size()));
  }
  for (std::size_t i = 0; i < fed_.size(); ++i) {
    const Var& expected = request.inputs[i];
    if (fed_[i].shape() != expected.shape() || fed_[i].dtype() != expected.dtype()) {
      throw Error(fmt::format("run: input {}{}{}: expected {}, got {}", i,
                              expected.label().empty() ? "" : " ", expected.label(),
                              type_text(expected), type_text(fed_[i])));
    }
  }
}

// Before anything is written in place: a bad loss leaves every parameter as it was.
void Program::Body::at_gate() {
  for (std::size_t i = 0; i < request.watch.size(); ++i) {
    const Var& term = request.watch[i];
    if (!kernels::all_finite(term.dtype(), address(term), 1)) {
      throw NonFiniteError(fmt::format("loss term {} is not finite", request.watch_names[i]), true,
                           trace(request.watch));
    }
  }
  for (const Update* update : bad_) check_update(*update, trace({update->value}));
  gate_passed_ = true;
}

// No parameter has changed yet, so the reference interpreter sees what the program saw.
std::string Program::Body::trace(const std::vector<Var>& values) const {
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < fed_.size(); ++i) feeds.push_back({request.inputs[i], fed_[i]});
  return trace_non_finite(values, feeds);
}

void Program::Body::check_update(const Update& update, const std::string& origin) {
  const Var& value = update.value;
  if (!kernels::all_finite(value.dtype(), address(value), value.elements())) {
    throw NonFiniteError(
        fmt::format("the new value of parameter {} is not finite", name_of(update.parameter)),
        false, origin);
  }
}

// A loop saw a number that is not finite: which parameter's new value is it? Before the gate it
// waits: where a watched value is not finite either, that one is told.
void Program::Body::not_finite(const Instruction& loop) {
  for (const Update& update : request.updates) {
    for (const Var& output : loop.outputs) {
      if (!output.same(storage_of(update.value))) continue;
      if (gate_passed_) check_update(update);
      bad_.push_back(&update);
    }
  }
}

// Loops have looked at what they made; the new values that kernels made are looked at here.
void Program::Body::check_updates_of_kernels() {
  for (const Update& update : request.updates) {
    if (!runner.made_by_loop(update.value)) check_update(update);
  }
}

// A new value that is itself a parameter (a swap, a target network), or an input whose tensor may
// be a parameter's own, is set aside first: it may be overwritten before it is copied.
void Program::Body::commit() {
  staged_.resize(request.updates.size());
  for (std::size_t i = 0; i < staged_.size(); ++i) {
    const Update& update = request.updates[i];
    const Place& place = runner.plan().places.at(update.value);
    if (place.kind == Place::Kind::kArena || place.kind == Place::Kind::kOutput ||
        place.leaf == update.parameter.node())
      continue;
    if (!staged_[i].defined()) {
      staged_[i] = Tensor::uninitialized(update.value.shape(), update.value.dtype());
    }
    std::memcpy(staged_[i].raw(), address(update.value), staged_[i].bytes());
  }
  for (std::size_t i = 0; i < staged_.size(); ++i) {
    const Update& update = request.updates[i];
    Tensor& storage = *update.parameter.node()->tensor;
    const void* value = staged_[i].defined() ? staged_[i].raw() : address(update.value);
    if (value != storage.raw()) std::memcpy(storage.raw(), value, storage.bytes());
  }
}

// Those of the run before, but for what somebody still holds.
void Program::Body::prepare_results() {
  results_.resize(request.outputs.size());
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    if (results_[i].defined() && !results_[i].shared()) continue;
    results_[i] = Tensor::uninitialized(request.outputs[i].shape(), request.outputs[i].dtype());
  }
}

// What is not computed there: leaves, inputs, and values that are returned twice.
void Program::Body::collect() {
  for (std::size_t i = 0; i < request.outputs.size(); ++i) {
    const void* value = address(request.outputs[i]);
    if (value != results_[i].raw()) std::memcpy(results_[i].raw(), value, results_[i].bytes());
  }
}

int Program::Body::threads() const { return threads_ > 0 ? threads_ : hourglass::threads(); }

const std::vector<Tensor>& Program::Body::run(std::span<const Tensor> inputs,
                                              std::span<double> seconds) {
  // Who feeds it the very tensors that it has returned holds none of them: this does.
  const bool own = std::any_of(inputs.begin(), inputs.end(), [&](const Tensor& x) {
    return !results_.empty() && &x >= &results_.front() && &x <= &results_.back();
  });
  const std::vector<Tensor> held(inputs.begin(), own ? inputs.end() : inputs.begin());
  fed_ = own ? std::span<const Tensor>(held) : inputs;
  gate_passed_ = false;
  bad_.clear();
  check_inputs();
  const ThreadScope scope(threads());
  const RepeatedWork::Run timed(work_);
  const kernels::PortableBits portable(portable_bits_.value_or(kernels::portable_bits()));
  const Writers writers(request.updates);
  prepare_results();
  runner.run({fed_, results_}, *this, seconds);
  check_updates_of_kernels();
  collect();  // before the commit: an output that is a parameter shows its value before it
  commit();
  return results_;
}

Program::Program() = default;
Program::~Program() = default;
Program::Program(Program&&) noexcept = default;
Program& Program::operator=(Program&&) noexcept = default;

const std::vector<Tensor>& Program::run(std::span<const Tensor> inputs) {
  if (!body_) throw Error("run: the program is empty: it was never compiled or was moved from");
  return body_->run(inputs);
}

const std::vector<Tensor>& Program::run(std::initializer_list<Tensor> inputs) {
  return run(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

std::string Program::plan() const { return body_ ? to_string(body_->runner.plan()) : ""; }
std::size_t Program::alive_bytes() const { return body_ ? body_->runner.plan().alive_bytes : 0; }
std::size_t Program::arena_bytes() const { return body_ ? body_->runner.plan().arena_bytes : 0; }

}  // namespace hourglass
