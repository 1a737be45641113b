#include "nn/train/player.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

bool contains(const std::vector<Var>& parameters, const Var& p) {
  return std::any_of(parameters.begin(), parameters.end(), [&](const Var& q) { return q.same(p); });
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
  Batch inputs;
  for (const Tensor& t : batch) inputs.push_back(input(t.shape(), t.dtype()));
  std::vector<Var> state;
  for (const Update& update : graph(inputs).options.updates) state.push_back(update.parameter);
  return state;
}

Graph PlayerStep::graph(const Batch& batch) {
  Step step = counter_;
  const Objective objective = player_.objective(batch, step);
  std::vector<Var> gradients = grad(objective.loss, player_.parameters);
  if (options_.clip_norm > 0) gradients = clip_by_norm(gradients, options_.clip_norm);
  optimizer_.update(step, player_.parameters, gradients, rate_);
  if (averages_) averages_->update(step);
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
