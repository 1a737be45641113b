#include "nn/train/check_training.h"

#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/errors.h"
#include "tensor/error.h"

namespace hourglass::internal {

using namespace nn;

void check_judged(const TrainOptions& options, const TrainCallbacks& callbacks) {
  if (callbacks.judge) return;
  if (options.keep_best || options.patience > 0) {
    throw Error("train: to keep the best epoch, something must judge: there is no validation set");
  }
  if (options.schedule.kind == Schedule::kPlateau) {
    throw Error("train: to see a plateau, something must judge: there is no validation set");
  }
}

void check_constraints(const std::vector<Constraint>& constraints,
                       const std::vector<Var>& parameters) {
  for (const Constraint& c : constraints) {
    if (std::any_of(parameters.begin(), parameters.end(),
                    [&](const Var& p) { return p.same(c.parameter); })) {
      continue;
    }
    throw Error(fmt::format("constraint: {} is not among the parameters that are trained",
                            c.parameter.defined() ? c.parameter.label() : "none"));
  }
}

void check_player(const Player& player) {
  if (!player.objective) throw Error("train: there is no objective: the function is empty");
  if (player.parameters.empty()) throw Error("train: there are no parameters to train");
  for (std::size_t i = 0; i < player.parameters.size(); ++i) {
    const Var& p = player.parameters[i];
    if (!p.defined() || !is_parameter(p)) {
      throw Error(fmt::format("train: only parameters are trained: got {} in place {}",
                              p.defined() ? type_text(p) : "an empty Var", i));
    }
    for (std::size_t k = 0; k < i; ++k) {
      if (!player.parameters[k].same(p)) continue;
      throw Error(fmt::format("train: parameter {} is listed twice, in places {} and {}",
                              p.label().empty() ? type_text(p) : p.label(), k, i));
    }
  }
}

namespace {

void check_snapshot(const TrainState& from, const TrainState::Snapshot& snapshot,
                    const std::vector<Var>& parameters) {
  if (snapshot.tensors.size() != parameters.size() || from.names.size() != parameters.size()) {
    throw Error(fmt::format("train: the state is of {} tensors: the training changes {}",
                            snapshot.tensors.size(), parameters.size()));
  }
  for (std::size_t k = 0; k < parameters.size(); ++k) {
    const Tensor& t = snapshot.tensors[k];
    const Var& p = parameters[k];
    if (t.shape() == p.shape() && t.dtype() == p.dtype()) continue;
    throw Error(fmt::format("train: the state's {} is {} {}: the training has {} {}", from.names[k],
                            name_of(t.dtype()), to_string(t.shape()), name_of(p.dtype()),
                            to_string(p.shape())));
  }
}

}  // namespace

void check_fits(const TrainState& from, const std::vector<Var>& parameters, std::int64_t batches,
                const TrainOptions& options) {
  check_snapshot(from, from.now, parameters);
  check_snapshot(from, from.before, parameters);
  if (!from.best.tensors.empty()) check_snapshot(from, from.best, parameters);
  if (from.batches != batches) {
    throw Error(fmt::format("train: the state is of epochs of {} batches: the data give {}",
                            from.batches, batches));
  }
  const std::int64_t begun = from.now.updates - from.epochs * batches;
  if (begun < 0 || begun > batches || (begun > 0) != (from.examples > 0)) {
    throw Error(fmt::format("train: the state is of {} updates in {} epochs of {}",
                            from.now.updates, from.epochs, batches));
  }
  if (from.epochs > options.epochs || (from.in_epoch() && from.epochs == options.epochs)) {
    throw Error(fmt::format("train: the state is of {} epochs: the training is of {}",
                            from.epochs + (from.in_epoch() ? 1 : 0), options.epochs));
  }
  if (options.keep_best && from.best_epoch > 0 && from.best.tensors.empty()) {
    throw Error("train: the best epoch is to be kept: the state has none of its weights");
  }
}

}  // namespace hourglass::internal
