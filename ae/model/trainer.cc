#include "ae/model/trainer.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <memory>
#include <numbers>
#include <optional>

#include "autograd/compile/memory.h"
#include "autograd/transform/transform.h"
#include "nn/data/batches.h"
#include "tensor/error.h"
#include "tensor/nearest_name.h"

namespace hourglass::ae {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// The numbers of everything that training changes, after `updates` updates.
struct Snapshot {
  std::int64_t updates = 0;
  std::vector<Tensor> state;
};

std::vector<Var> inputs_like(const Examples& examples) {
  std::vector<Var> inputs = {input(examples.images.shape(), examples.images.dtype())};
  if (examples.labels.defined()) {
    inputs.push_back(input(examples.labels.shape(), examples.labels.dtype()));
  }
  return inputs;
}

nn::OptimizerOptions optimizer_of(const Player& player, const TrainOptions& options) {
  nn::OptimizerOptions optimizer = options.optimizer;
  optimizer.adam.beta1 = player.beta1.value_or(optimizer.adam.beta1);
  return optimizer;
}

// One player's program and what it keeps from step to step.
class Turn {
 public:
  Turn(Player player, const TrainOptions& options, const Var& rate)
      : player_(std::move(player)),
        options_(options),
        rate_(rate),
        optimizer_(optimizer_of(player_, options)),
        counter_(make_step(options.seed)),
        programs_([this](const std::vector<Var>& inputs) { return graph(inputs); }) {}

  // Loss, then terms, then parts.
  const std::vector<Tensor>& run(const std::vector<Tensor>& batch) { return programs_.run(batch); }
  const std::vector<std::string>& term_names() const { return term_names_; }

  // Built once ahead of its use, to learn which parameters a step changes: they are what a snapshot
  // holds.
  std::vector<Var> state(const Examples& examples) {
    std::vector<Var> state;
    for (const Update& update : graph(inputs_like(examples)).options.updates) {
      state.push_back(update.parameter);
    }
    return state;
  }

 private:
  // Forward, backward and update of one batch as one graph.
  Graph graph(const std::vector<Var>& inputs) {
    Step step = counter_;
    const Batch batch{inputs[0], inputs.size() > 1 ? inputs[1] : Var()};
    const Objective objective = player_.objective(batch, step);
    optimizer_.update(step, player_.parameters, grad(objective.loss, player_.parameters), rate_);
    Graph graph;
    graph.outputs.push_back(objective.loss);
    term_names_.clear();
    for (const Term& term : objective.terms) {
      graph.outputs.push_back(term.value);
      graph.options.watch.push_back(term.value);
      term_names_.push_back(term.name);
    }
    graph.outputs.insert(graph.outputs.end(), objective.parts.begin(), objective.parts.end());
    graph.options.updates = std::move(step.updates);
    graph.options.threads = options_.threads;
    return graph;
  }

  Player player_;
  const TrainOptions& options_;
  Var rate_;
  nn::Optimizer optimizer_;
  Step counter_;
  ProgramByShape programs_;
  std::vector<std::string> term_names_;
};

// What a step of all players comes to.
struct StepValues {
  double loss = 0;            // of the first player
  std::vector<double> terms;  // of all
  std::vector<double> parts;  // of the first player's loss
};

class Trainer {
 public:
  Trainer(const std::vector<Player>& players, const Examples& examples, const TrainOptions& options,
          const TrainCallbacks& callbacks)
      : examples_(examples),
        options_(options),
        callbacks_(callbacks),
        rate_(parameter(Tensor::scalar(options.learning_rate)).named("learning_rate")) {
    for (const Player& player : players) {
      turns_.push_back(std::make_unique<Turn>(player, options_, rate_));
      const std::vector<Var> state = turns_.back()->state(examples_);
      state_.insert(state_.end(), state.begin(), state.end());
    }
  }

  TrainResult run() {
    bool go_on = true;
    for (int epoch = 1; epoch <= options_.epochs && go_on; ++epoch) go_on = run_epoch(epoch);
    if (options_.keep_best) restore(best_);
    return result_;
  }

 private:
  std::int64_t steps_per_epoch() const {
    return (examples_.images.shape()[0] + options_.batch - 1) / options_.batch;
  }

  double learning_rate(std::int64_t updates) const {
    if (options_.schedule == Schedule::kConstant) return options_.learning_rate;
    if (options_.schedule == Schedule::kStep) {
      const std::int64_t times = updates / steps_per_epoch() / options_.decay_epochs;
      return options_.learning_rate * std::pow(options_.decay, static_cast<double>(times));
    }
    const double steps = static_cast<double>(steps_per_epoch() * options_.epochs);
    const double done = static_cast<double>(updates) / steps;
    return options_.learning_rate * 0.5 * (1 + std::cos(std::numbers::pi * done));
  }

  // Step `updates` of the whole training (from 0), which ends with that many updates plus one.
  StepValues run_step(std::int64_t updates) {
    const int epoch = static_cast<int>(updates / steps_per_epoch()) + 1;
    const std::int64_t index = updates % steps_per_epoch();
    if (epoch != epoch_of_batches_) {
      batches_.emplace(examples_.images, options_.batch, key_of(options_.seed), epoch);
      epoch_of_batches_ = epoch;
    }
    rate_.assign(Tensor::scalar(learning_rate(updates)));
    std::vector<Tensor> batch = {batches_->batch(index)};
    if (examples_.labels.defined()) batch.push_back(batches_->batch(index, examples_.labels));
    StepValues values;
    for (const auto& turn : turns_) {
      const std::vector<Tensor>& outputs = turn->run(batch);
      const std::size_t terms = turn->term_names().size();
      for (std::size_t k = 1; k <= terms; ++k) values.terms.push_back(outputs[k].item());
      if (turn != turns_.front()) continue;
      values.loss = outputs[0].item();
      for (std::size_t k = terms + 1; k < outputs.size(); ++k) {
        values.parts.push_back(outputs[k].item());
      }
    }
    return values;
  }

  bool run_epoch(int epoch) {
    const Clock::time_point start = Clock::now();
    take_snapshot();
    EpochReport report;
    report.epoch = epoch;
    std::int64_t examples = 0;
    bool go_on = true;
    for (std::int64_t i = 0; i < steps_per_epoch() && go_on; ++i) {
      try {
        const StepValues values = run_step(result_.steps);
        const std::int64_t n = batches_->size(i);
        accumulate(report, values, n);
        examples += n;
        ++result_.steps;
        go_on = report_step({epoch, options_.epochs, i + 1, steps_per_epoch(), examples,
                             seconds_since(start), values.loss});
      } catch (const NonFiniteError& error) {
        diverged(error, epoch);
        go_on = false;
      }
    }
    if (examples == 0) return go_on;
    finish(report, examples, seconds_since(start));
    if (go_on && callbacks_.judge) go_on = judge(report);
    if (callbacks_.on_epoch) callbacks_.on_epoch(report);
    return go_on;
  }

  void accumulate(EpochReport& report, const StepValues& values, std::int64_t n) const {
    const double weight = static_cast<double>(n);
    report.loss += weight * values.loss;
    report.terms.resize(values.terms.size());
    report.parts.resize(values.parts.size());
    std::size_t k = 0;
    for (const auto& turn : turns_) {
      for (const std::string& name : turn->term_names()) {
        report.terms[k].name = name;
        report.terms[k].value += weight * values.terms[k];
        if (k < report.parts.size()) {
          report.parts[k].name = name;
          report.parts[k].value += weight * values.parts[k];
        }
        ++k;
      }
    }
  }

  bool report_step(const StepReport& report) {
    const bool go_on = !callbacks_.on_step || callbacks_.on_step(report);
    if (!go_on) result_.outcome = Outcome::kStopped;
    return go_on;
  }

  // False: time to end.
  bool judge(EpochReport& report) {
    const double value = callbacks_.judge(report);
    report.judged = value;
    if (result_.best_epoch == 0 || value < result_.best) {
      result_.best_epoch = report.epoch;
      result_.best = value;
      if (options_.keep_best) best_ = snapshot();
    }
    const bool early =
        options_.patience > 0 && report.epoch - result_.best_epoch >= options_.patience;
    if (early) result_.outcome = Outcome::kEarly;
    return !early;
  }

  static void finish(EpochReport& report, std::int64_t examples, double seconds) {
    report.loss /= static_cast<double>(examples);
    for (NamedValue& term : report.terms) term.value /= static_cast<double>(examples);
    for (NamedValue& part : report.parts) part.value /= static_cast<double>(examples);
    report.seconds = seconds;
  }

  // The last two epochs' starts: a divergence at the first step of an epoch reaches back into the
  // one before.
  void take_snapshot() {
    older_ = std::move(newer_);
    newer_ = snapshot();
  }

  Snapshot snapshot() const {
    Snapshot now{result_.steps, {}};
    for (const Var& parameter : state_) now.state.push_back(parameter.tensor().clone());
    return now;
  }

  void restore(const Snapshot& from) const {
    for (std::size_t i = 0; i < from.state.size(); ++i) state_[i].assign(from.state[i]);
  }

  // The weights that are left are those whose loss was finite last. A loss that is not finite
  // condemns the update before it; a new weight that is not finite only its own, but that has been
  // written by then.
  void diverged(const NonFiniteError& error, int epoch) {
    result_.outcome = Outcome::kDiverged;
    result_.reason =
        fmt::format("{} at step {} (epoch {})", error.what(), result_.steps + 1, epoch);
    if (!error.origin().empty()) result_.reason += ", first in " + error.origin();
    const std::int64_t good = std::max<std::int64_t>(0, result_.steps - (error.in_loss() ? 1 : 0));
    const Snapshot& from = newer_.updates <= good ? newer_ : older_;
    restore(from);
    for (std::int64_t updates = from.updates; updates < good; ++updates) run_step(updates);
    result_.steps = good;
  }

  Examples examples_;
  TrainOptions options_;
  TrainCallbacks callbacks_;
  Var rate_;
  std::vector<std::unique_ptr<Turn>> turns_;
  std::vector<Var> state_;
  std::optional<nn::Batches> batches_;
  int epoch_of_batches_ = 0;
  Snapshot older_, newer_, best_;
  TrainResult result_;
};

}  // namespace

std::string_view name_of(Schedule schedule) {
  if (schedule == Schedule::kConstant) return "constant";
  return schedule == Schedule::kCosine ? "cosine" : "step";
}

Schedule schedule_named(std::string_view name) {
  if (name == "constant") return Schedule::kConstant;
  if (name == "cosine") return Schedule::kCosine;
  if (name == "step") return Schedule::kStep;
  throw_unknown_name("schedule", name, {"constant", "cosine", "step"});
}

void check(const TrainOptions& options) {
  if (options.epochs < 1) {
    throw Error(fmt::format("epochs: must be at least 1: got {}", options.epochs));
  }
  if (options.batch < 1)
    throw Error(fmt::format("batch: must be at least 1: got {}", options.batch));
  if (!(options.learning_rate > 0) || !std::isfinite(options.learning_rate)) {
    throw Error(fmt::format("lr: must be a positive number: got {}", options.learning_rate));
  }
  if (options.threads < 0 || options.threads > 1024) {
    throw Error(fmt::format("threads: expected 1 to 1024: got {}", options.threads));
  }
  if (!(options.decay > 0 && options.decay <= 1)) {
    throw Error(fmt::format("decay: must be above 0 and at most 1: got {}", options.decay));
  }
  if (options.decay_epochs < 1) {
    throw Error(fmt::format("decay-epochs: must be at least 1: got {}", options.decay_epochs));
  }
  if (options.patience < 0) {
    throw Error(fmt::format("patience: must be at least 0: got {}", options.patience));
  }
  nn::check(options.optimizer);
}

void check_training_memory(const std::vector<Var>& parameters, const TrainOptions& options) {
  const bool adam = options.optimizer.method == nn::Method::kAdam;
  const int state = adam ? 2 : options.optimizer.momentum > 0 ? 1 : 0;
  const int snapshots = std::min(options.epochs, 2) + (options.keep_best ? 1 : 0);
  const bool made = std::all_of(parameters.begin(), parameters.end(), is_parameter);
  check_copies_fit("train", "weights, gradients, optimiser state and snapshots", parameters,
                   (1 + state) * (1 + snapshots) - (made ? 1 : 0));
}

TrainResult train(const std::vector<Player>& players, const Examples& examples,
                  const TrainOptions& options, const TrainCallbacks& callbacks) {
  check(options);
  const Tensor& images = examples.images;
  if (images.shape().rank() != 2 || images.shape()[0] == 0) {
    throw Error(fmt::format("train: images must be [N, D] with at least one row: got {}",
                            to_string(images.shape())));
  }
  if (examples.labels.defined() && examples.labels.shape() != Shape{images.shape()[0]}) {
    throw Error(fmt::format("train: needs one label an image: images={}, labels={}",
                            to_string(images.shape()), to_string(examples.labels.shape())));
  }
  if ((options.keep_best || options.patience > 0) && !callbacks.judge) {
    throw Error("train: to keep the best epoch, something must judge: there is no validation set");
  }
  std::vector<Var> parameters;
  for (const Player& player : players) {
    parameters.insert(parameters.end(), player.parameters.begin(), player.parameters.end());
  }
  check_training_memory(parameters, options);
  return Trainer(players, examples, options, callbacks).run();
}

TrainResult train(const ObjectiveFunction& objective, const std::vector<Var>& parameters,
                  const Tensor& images, const TrainOptions& options,
                  const TrainCallbacks& callbacks) {
  return train({{objective, parameters}}, {images}, options, callbacks);
}

}  // namespace hourglass::ae
