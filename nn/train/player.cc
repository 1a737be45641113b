#include "nn/train/player.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>

#include "autograd/graph/evaluate.h"
#include "autograd/ops/handles.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

bool contains(const std::vector<Var>& parameters, const Var& p) {
  return std::any_of(parameters.begin(), parameters.end(), [&](const Var& q) { return q.same(p); });
}

Batch inputs_like(const std::vector<Tensor>& batch) {
  Batch inputs;
  for (const Tensor& t : batch) inputs.push_back(input(t.shape(), t.dtype()));
  return inputs;
}

// Of an objective that was not made by make_objective, too.
void check(const Objective& objective) {
  const auto check_scalar = [](const std::string& what, const Var& x) {
    if (x.defined() && x.rank() == 0) return;
    throw Error(fmt::format("objective: {} must be a scalar: got {}", what,
                            x.defined() ? to_string(x.shape()) : "none"));
  };
  check_scalar("the loss", objective.loss);
  if (objective.terms.empty()) throw Error("objective: there is no term");
  if (objective.parts.size() != objective.terms.size()) {
    throw Error(fmt::format("objective: needs one part a term: {} vs {}", objective.parts.size(),
                            objective.terms.size()));
  }
  for (std::size_t k = 0; k < objective.terms.size(); ++k) {
    const std::string name = objective.terms[k].name;
    check_scalar(name + ": its value", objective.terms[k].value);
    check_scalar(name + ": its part", objective.parts[k]);
  }
}

// An objective over another model, or under stop_gradient, would train on without an effect. What is
// frozen is not listed.
void check_reached(const Var& loss, const std::vector<Var>& parameters) {
  std::set<const void*> seen;
  std::vector<Var> open = {loss};
  while (!open.empty()) {
    const Var x = open.back();
    open.pop_back();
    if (!seen.insert(x.node()).second) continue;
    if (&x.op() == &stop_gradient_op) continue;
    open.insert(open.end(), x.inputs().begin(), x.inputs().end());
  }
  std::string names;
  for (const Var& p : parameters) {
    if (seen.count(p.node()) > 0) continue;
    names += (names.empty() ? "" : ", ") + (p.label().empty() ? to_string(p.shape()) : p.label());
  }
  if (!names.empty()) throw Error("train: the loss does not depend on these parameters: " + names);
}

OptimizerOptions optimizer_of(const Player& player, const TrainOptions& options) {
  OptimizerOptions optimizer = options.optimizer;
  optimizer.adam.beta1 = player.beta1.value_or(optimizer.adam.beta1);
  std::erase_if(optimizer.constraints,
                [&](const Constraint& c) { return !contains(player.parameters, c.parameter); });
  return optimizer;
}

}  // namespace

PlayerStep::PlayerStep(Player player, const TrainOptions& options, const Var& rate)
    : player_(std::move(player)),
      options_(options),
      rate_(rate),
      optimizer_(optimizer_of(player_, options)),
      counter_(make_step(options.seed)),
      programs_([this](const std::vector<Var>& inputs) { return graph(inputs); }) {
  if (options.average > 0) averages_.emplace(player_.parameters, options.average);
}

void PlayerStep::swap_averages() const {
  if (averages_) averages_->swap();
}

std::vector<Var> PlayerStep::state(const std::vector<Tensor>& batch) {
  std::vector<Var> state;
  for (const Update& update : record(inputs_like(batch)).step.updates) {
    state.push_back(update.parameter);
  }
  return state;
}

PlayerStep::Origin PlayerStep::trace(const std::vector<Tensor>& batch) {
  const Batch inputs = inputs_like(batch);
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < batch.size(); ++i) feeds.push_back({inputs[i], batch[i]});
  const Recorded recorded = record(inputs);
  const std::string in_gradient = trace_non_finite(recorded.gradients, feeds);
  if (!in_gradient.empty()) return {true, in_gradient};
  std::vector<Var> values;
  for (const Update& update : recorded.step.updates) values.push_back(update.value);
  return {false, trace_non_finite(values, feeds)};
}

PlayerStep::Recorded PlayerStep::record(const Batch& batch) {
  Recorded r{counter_, {}, {}};
  r.objective = player_.objective(batch, r.step);
  check(r.objective);
  check_reached(r.objective.loss, player_.parameters);
  r.gradients = grad(r.objective.loss, player_.parameters);
  const bool clipped = options_.clip_norm > 0;
  optimizer_.update(r.step, player_.parameters,
                    clipped ? clip_by_norm(r.gradients, options_.clip_norm) : r.gradients, rate_);
  if (averages_) averages_->update(r.step);
  return r;
}

Graph PlayerStep::graph(const Batch& batch) {
  auto [step, objective, gradients] = record(batch);
  Graph graph;
  graph.outputs.push_back(objective.loss);
  terms_.clear();
  for (const Term& term : objective.terms) {
    graph.outputs.push_back(term.value);
    graph.options.watch.push_back(term.value);
    terms_.push_back({term.name, 0, term.unit});
  }
  graph.outputs.insert(graph.outputs.end(), objective.parts.begin(), objective.parts.end());
  graph.options.updates = std::move(step.updates);
  graph.options.threads = options_.threads;
  return graph;
}

std::vector<Var> clip_by_norm(const std::vector<Var>& gradients, double norm) {
  if (!(norm > 0)) throw Error(fmt::format("clip_by_norm: the norm must be above 0: got {}", norm));
  Var squares = constant(0.0, DType::kF64);
  for (const Var& g : gradients) squares = squares + sum(square(cast(g, DType::kF64)));
  // min(1, norm / |g|) without a division by 0.
  const Var factor = norm / maximum(sqrt(squares), constant(norm, DType::kF64));
  std::vector<Var> clipped;
  for (const Var& g : gradients) clipped.push_back(cast(factor, g.dtype()) * g);
  return clipped;
}

}  // namespace hourglass::nn
