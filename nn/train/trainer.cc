#include "nn/train/trainer.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <memory>

#include "autograd/graph/errors.h"
#include "nn/train/check_training.h"
#include "nn/train/train_fields.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

using Snapshot = TrainState::Snapshot;

// What a step of all players comes to.
struct StepValues {
  std::int64_t examples = 0;
  double loss = 0;                // of the first player
  std::vector<NamedValue> terms;  // of all
  std::vector<NamedValue> parts;  // of the first player's loss
};

void add_weighted(std::vector<NamedValue>& sums, const std::vector<NamedValue>& values, double n) {
  sums.resize(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) {
    sums[k].name = values[k].name;
    sums[k].unit = values[k].unit;
    sums[k].value += n * values[k].value;
  }
}

void accumulate(EpochReport& sums, const StepValues& values) {
  const double n = static_cast<double>(values.examples);
  sums.loss += n * values.loss;
  add_weighted(sums.terms, values.terms, n);
  add_weighted(sums.parts, values.parts, n);
}

EpochReport means(const EpochReport& sums, std::int64_t examples) {
  EpochReport report = sums;
  report.loss /= static_cast<double>(examples);
  for (NamedValue& term : report.terms) term.value /= static_cast<double>(examples);
  for (NamedValue& part : report.parts) part.value /= static_cast<double>(examples);
  return report;
}

class Trainer {
 public:
  Trainer(const std::vector<Player>& players, const DataSource& data, const TrainOptions& options,
          const TrainCallbacks& callbacks)
      : data_(data),
        options_(options),
        callbacks_(callbacks),
        rate_dtype_(widest(players)),
        rate_(parameter(rate(1)).named("learning_rate")) {
    const std::vector<Tensor> first = data_.batch(1, 0);
    for (const Player& player : players) {
      players_.push_back(std::make_unique<PlayerStep>(player, options_, rate_));
      const std::vector<Var> state = players_.back()->state(first);
      state_.insert(state_.end(), state.begin(), state.end());
    }
  }

  TrainResult run(const TrainState* from) {
    if (from) {
      take_up(*from);
    } else {
      newer_ = snapshot();
    }
    bool go_on = true;
    while (go_on && epochs_ < options_.epochs) go_on = run_epoch(epochs_ + 1);
    if (options_.keep_best && result_.best_epoch > 0) {
      restore(best_);
    } else {
      swap_averages();
    }
    return result_;
  }

 private:
  static DType widest(const std::vector<Player>& players) {
    for (const Player& player : players) {
      for (const Var& p : player.parameters) {
        if (p.dtype() == DType::kF64) return DType::kF64;
      }
    }
    return DType::kF32;
  }

  Tensor rate(double factor) const {
    return Tensor::scalar(options_.learning_rate * factor, rate_dtype_);
  }

  // Step `updates` of the whole training (from 0), which ends with that many updates plus one.
  StepValues run_step(std::int64_t updates) {
    const std::vector<Tensor> batch = prepare(updates);
    StepValues values;
    values.examples = batch.at(0).shape()[0];
    for (const auto& player : players_) {
      const std::vector<Tensor>& outputs = player->run(batch);
      const std::vector<NamedValue>& terms = player->terms();
      const bool first = player == players_.front();
      if (first) values.loss = outputs[0].item();
      for (std::size_t k = 0; k < terms.size(); ++k) {
        const auto& [name, none, unit] = terms[k];
        values.terms.push_back({name, outputs[1 + k].item(), unit});
        if (first) values.parts.push_back({name, outputs[1 + terms.size() + k].item(), unit});
      }
    }
    return values;
  }

  // Sets the rate of a step, and returns its batch.
  std::vector<Tensor> prepare(std::int64_t updates) const {
    const int epoch = static_cast<int>(updates / data_.batches) + 1;
    rate_.assign(rate(rate_factor(
        options_.schedule, {updates, data_.batches, options_.epochs, plateaus_before(epoch)})));
    return data_.batch(epoch, updates % data_.batches);
  }

  bool run_epoch(int epoch) {
    bool go_on = run_steps(epoch);
    if (result_.outcome == Outcome::kStopped && callbacks_.checkpoint) {
      callbacks_.checkpoint(state(snapshot(), newer_));
    }
    if (examples_ == 0) return go_on;
    EpochReport report = means(sums_, examples_);
    report.epoch = epoch;
    swap_averages();
    if (go_on && callbacks_.judge) go_on = judge(report);
    if (callbacks_.on_epoch) callbacks_.on_epoch(report);
    swap_averages();
    if (go_on) end_epoch();
    return go_on;
  }

  // What is left of an epoch; false: time to end.
  bool run_steps(int epoch) {
    const Clock::time_point start = Clock::now();
    const double before = sums_.seconds;
    const std::int64_t first = (epoch - 1) * data_.batches, last = first + data_.batches;
    bool go_on = true;
    while (go_on && result_.steps < last) {
      try {
        const StepValues values = run_step(result_.steps);
        accumulate(sums_, values);
        examples_ += values.examples;
        ++result_.steps;
        older_ = {};
        sums_.seconds = before + seconds_since(start);
        go_on = report_step({epoch, options_.epochs, result_.steps - first, data_.batches,
                             examples_, sums_.seconds, values.loss});
      } catch (const NonFiniteError& error) {
        diverged(error, epoch);
        go_on = false;
      }
    }
    return go_on;
  }

  // A divergence at the first step of an epoch reaches back into the one before, at a later one to
  // its own beginning.
  void end_epoch() {
    ++epochs_;
    sums_ = {};
    examples_ = 0;
    if (epochs_ == options_.epochs && !callbacks_.checkpoint) return;
    older_ = std::move(newer_);
    newer_ = snapshot();
    if (callbacks_.checkpoint) callbacks_.checkpoint(state(newer_, older_));
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
    if (value < result_.best) {
      result_.best_epoch = report.epoch;
      result_.best = value;
      if (options_.keep_best) best_ = snapshot();
    }
    const int last = plateaus_.empty() ? 0 : plateaus_.back();
    if (report.epoch - std::max(last, result_.best_epoch) >= options_.schedule.decay_epochs) {
      plateaus_.push_back(report.epoch);
    }
    const bool early =
        options_.patience > 0 && report.epoch - result_.best_epoch >= options_.patience;
    if (early) result_.outcome = Outcome::kEarly;
    return !early;
  }

  void swap_averages() const {
    for (const auto& player : players_) player->swap_averages();
  }

  int plateaus_before(int epoch) const {
    return static_cast<int>(std::lower_bound(plateaus_.begin(), plateaus_.end(), epoch) -
                            plateaus_.begin());
  }

  Snapshot snapshot() const {
    Snapshot now{result_.steps, {}};
    for (const Var& parameter : state_) now.tensors.push_back(parameter.tensor().clone());
    return now;
  }

  void restore(const Snapshot& from) const {
    for (std::size_t i = 0; i < from.tensors.size(); ++i) state_[i].assign(from.tensors[i]);
  }

  // Where training stands. Its tensors are shared with the snapshots.
  TrainState state(Snapshot now, const Snapshot& before) const {
    TrainState state;
    for (const Var& parameter : state_) state.names.push_back(parameter.label());
    state.batches = data_.batches;
    state.epochs = epochs_;
    state.now = std::move(now);
    state.before = before;
    state.best = best_;
    state.best_epoch = result_.best_epoch;
    state.best_value = result_.best;
    state.plateaus = plateaus_;
    state.sums = sums_;
    state.examples = examples_;
    return state;
  }

  void take_up(const TrainState& from) {
    check_fits(from, state_, data_.batches, options_);
    epochs_ = from.epochs;
    result_.steps = from.now.updates;
    result_.best_epoch = from.best_epoch;
    result_.best = from.best_value;
    best_ = from.best;
    plateaus_ = from.plateaus;
    sums_ = from.sums;
    examples_ = from.examples;
    restore(from.now);
    newer_ = from.in_epoch() ? from.before : from.now;
    if (!from.in_epoch()) older_ = from.before;
  }

  // The weights that are left are those whose loss was finite last. A loss that is not finite
  // condemns the update before it; a new weight that is not finite only its own, but that has been
  // written by then.
  void diverged(const NonFiniteError& error, int epoch) {
    result_.outcome = Outcome::kDiverged;
    const std::int64_t failed = result_.steps;
    const std::int64_t good = std::max<std::int64_t>(0, result_.steps - (error.in_loss() ? 1 : 0));
    const Snapshot& from = newer_.updates <= good ? newer_ : older_;
    restore(from);
    for (std::int64_t updates = from.updates; updates < good; ++updates) run_step(updates);
    result_.steps = good;
    PlayerStep::Origin origin{false, error.origin()};
    if (!error.in_loss()) origin = origin_of(failed, error);
    result_.reason = fmt::format("{} at step {} (epoch {})",
                                 origin.in_gradient ? "the gradient is not finite" : error.what(),
                                 failed + 1, epoch);
    if (!origin.node.empty()) result_.reason += ", first in " + origin.node;
  }

  // Where step `updates`, which comes next and fails, turns non-finite. Players before the one that
  // fails take their step, and are put back.
  PlayerStep::Origin origin_of(std::int64_t updates, const NonFiniteError& error) const {
    const Snapshot before = snapshot();
    const std::vector<Tensor> batch = prepare(updates);
    PlayerStep::Origin origin{false, error.origin()};
    try {
      for (const auto& player : players_) {
        const PlayerStep::Origin found = player->trace(batch);
        if (!found.node.empty()) {
          origin = found;
          break;
        }
        player->run(batch);
      }
    } catch (const NonFiniteError&) {
      // The interpreter, which rounds in another order, has not seen it.
    }
    restore(before);
    return origin;
  }

  DataSource data_;
  TrainOptions options_;
  TrainCallbacks callbacks_;
  DType rate_dtype_;
  Var rate_;
  std::vector<std::unique_ptr<PlayerStep>> players_;
  std::vector<Var> state_;
  std::vector<int> plateaus_;  // the epochs after which the rate fell
  int epochs_ = 0;             // that have ended
  EpochReport sums_;           // of the one that has begun
  std::int64_t examples_ = 0;  // that it has seen
  Snapshot older_, newer_;     // as the epoch before began, as this one did
  Snapshot best_;
  TrainResult result_;
};

// Names the first number of the data that is not finite, after a divergence.
std::string non_finite_place(const std::vector<Rows>& data) {
  std::string place;
  for (std::size_t k = 0; k < data.size(); ++k) {
    if (!is_real(data[k].dtype())) continue;
    const std::int64_t width = data[k].width();
    for_chunks(data[k], [&](const Tensor& t, std::int64_t first) {
      for (std::int64_t i = 0; i < t.elements() && place.empty(); ++i) {
        if (std::isfinite(t.at(i))) continue;
        place = fmt::format("; row {}, column {} of tensor {} of the data is {}", first + i / width,
                            i % width, k, t.at(i));
      }
    });
  }
  return place;
}

}  // namespace

TrainResult train(const std::vector<Player>& players, const DataSource& data,
                  const TrainOptions& options, const TrainCallbacks& callbacks,
                  const TrainState* from) {
  check(options);
  if (players.empty()) throw Error("train: there is no player: nothing to lower");
  if (data.batches < 1 || !data.batch) throw Error("train: there are no batches");
  check_judged(options, callbacks);
  std::vector<Var> parameters;
  for (const Player& player : players) {
    check_player(player);
    parameters.insert(parameters.end(), player.parameters.begin(), player.parameters.end());
  }
  for (const Var& p : parameters) check_in(p.dtype(), options);
  check_constraints(options.optimizer.constraints, parameters);
  check_training_memory(parameters, options);
  return Trainer(players, data, options, callbacks).run(from);
}

TrainResult train(const std::vector<Player>& players, const std::vector<Rows>& data,
                  const TrainOptions& options, const TrainCallbacks& callbacks,
                  const TrainState* from) {
  check(options);
  TrainResult result =
      train(players, shuffled_rows(data, options.batch, options.seed), options, callbacks, from);
  if (result.outcome == Outcome::kDiverged) result.reason += non_finite_place(data);
  return result;
}

TrainResult train(const ObjectiveFunction& objective, const std::vector<Var>& parameters,
                  const std::vector<Rows>& data, const TrainOptions& options,
                  const TrainCallbacks& callbacks, const TrainState* from) {
  return train({{objective, parameters}}, data, options, callbacks, from);
}

}  // namespace hourglass::nn
