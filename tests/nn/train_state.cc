// A training that goes on from its state ends in the bits of one that was never interrupted,
// wherever it was.

#include "nn/train/train_state.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "nn/train/trainer.h"
#include "tensor/error.h"
#include "tensor/files/safetensors.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

Tensor ramp(Shape shape, double first, double step) {
  Tensor t(shape, DType::kF32);
  for (std::int64_t i = 0; i < t.elements(); ++i) {
    t.data<float>()[i] = static_cast<float>(first + step * static_cast<double>(i * 7 % 11));
  }
  return t;
}

// A noisy linear model of rows [10, 3], and a second player that moves a weight of the first's loss.
struct Game {
  Var w = parameter(ramp({3, 3}, -0.5, 0.1)).named("w");
  Var b = parameter(Tensor({3}, DType::kF32)).named("b");
  Var rival = parameter(Tensor::scalar(0.5)).named("rival");
  Tensor rows = ramp({10, 3}, 0, 0.09);
  bool two = false;

  nn::Objective error(const nn::Batch& batch, Step& step) const {
    const Var noise = random_normal(step.key, "noise", batch[0].shape());
    const Var y = matmul(batch[0] + 0.1 * noise, w) + b;
    return nn::make_objective(
        {{"mse", mean(square(y - batch[0]))}, {"pull", mean(square(y)) * sigmoid(rival), 0.1}});
  }
  std::vector<nn::Player> players() const {
    std::vector<nn::Player> all = {
        {[this](const nn::Batch& batch, Step& step) { return error(batch, step); }, {w, b}}};
    if (!two) return all;
    all.push_back({[this](const nn::Batch& batch, Step&) {
                     return nn::make_objective(
                         {{"rival", mean(square(batch[0])) + square(rival) -
                                        sum(square(stop_gradient(w))) * rival}});
                   },
                   {rival},
                   0.5});
    return all;
  }
  std::vector<double> values() const {
    std::vector<double> all = w.tensor().values();
    for (const Var& p : {b, rival}) {
      for (const double value : p.tensor().values()) all.push_back(value);
    }
    return all;
  }
};

// What is seen of a training: the epochs' reports, then what is left.
struct Seen {
  std::vector<double> reports, weights;
  nn::TrainResult result;

  bool operator==(const Seen& other) const {
    return reports == other.reports && weights == other.weights &&
           result.outcome == other.result.outcome && result.steps == other.result.steps &&
           result.best_epoch == other.result.best_epoch && result.best == other.result.best &&
           result.reason == other.result.reason;
  }
};

struct Case {
  const char* name;
  nn::TrainOptions options;
  bool two = false;
  double break_at = -1;  // the update at whose batch the rows turn infinite
};

constexpr std::int64_t kBatches = 3;

// From a state, or the beginning; stops after `stop` steps in all. The last state ends in `state`.
Seen run(const Case& c, const nn::TrainState* from, std::int64_t stop, nn::TrainState* state,
         int at_epoch = 0) {
  Game game;
  game.two = c.two;
  Seen seen;
  std::int64_t steps = from ? from->now.updates : 0;
  nn::TrainCallbacks callbacks;
  bool stopped = false;
  callbacks.on_step = [&](const nn::StepReport&) {
    stopped = ++steps == stop;
    return !stopped;
  };
  callbacks.on_epoch = [&](const nn::EpochReport& r) {
    if (stopped) return;
    seen.reports.push_back(r.epoch);
    seen.reports.push_back(r.loss);
    for (const nn::NamedValue& term : r.terms) seen.reports.push_back(term.value);
    for (const nn::NamedValue& part : r.parts) seen.reports.push_back(part.value);
    seen.reports.push_back(r.judged.value_or(-1));
  };
  callbacks.judge = [&](const nn::EpochReport& r) {
    return std::abs(game.values()[0] - 0.1) + (r.epoch > 2 ? 1 : 0);
  };
  if (state) {
    callbacks.checkpoint = [&](const nn::TrainState& now) {
      if (at_epoch == 0 || now.epochs == at_epoch) *state = now;
    };
  }
  nn::DataSource data = nn::shuffled_rows({game.rows}, 4, c.options.seed);
  const auto batch = data.batch;
  data.batch = [&](int epoch, std::int64_t index) {
    std::vector<Tensor> rows = batch(epoch, index);
    const bool broken = c.break_at == static_cast<double>((epoch - 1) * kBatches + index);
    if (broken) rows[0] = Tensor::full(rows[0].shape(), INFINITY);
    return rows;
  };
  seen.result = nn::train(game.players(), data, c.options, callbacks, from);
  seen.weights = game.values();
  return seen;
}

std::vector<Case> cases() {
  nn::TrainOptions usual{.epochs = 4, .learning_rate = 0.05, .seed = 3};
  std::vector<Case> all = {{"adam", usual}, {"two players", usual, true}};
  all.push_back({"cosine, clipped", usual});
  all.back().options.schedule = {.kind = nn::Schedule::kCosine, .warm_up = 4};
  all.back().options.clip_norm = 0.1;
  all.push_back({"sgd, plateau", usual});
  all.back().options.schedule = {nn::Schedule::kPlateau, 0.5, 1};
  all.back().options.optimizer.method = nn::Method::kSgd;
  all.back().options.optimizer.momentum = 0.9;
  all.push_back({"averages of the best epoch", usual, true});
  all.back().options.average = 0.8;
  all.back().options.keep_best = true;
  all.push_back({"averages", usual});
  all.back().options.average = 0.8;
  all.push_back({"patience", usual});
  all.back().options.patience = 1;
  for (const double at : {6.0, 7.0, 8.0}) all.push_back({"divergence", usual, false, at});
  return all;
}

// Through a file, as another process would read it.
nn::TrainState reread(const nn::TrainState& state) {
  const TemporaryFolder folder;
  nn::save_train_state(folder.path("state"), state);
  return nn::load_train_state(folder.path("state"));
}

std::vector<double> joined(std::vector<double> a, const std::vector<double>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

}  // namespace

TEST_CASE("a training stopped at any step goes on to the same bits") {
  for (const Case& c : cases()) {
    SUBCASE(c.name) {
      const Seen whole = run(c, nullptr, 0, nullptr);
      for (std::int64_t stop = 1; stop < whole.result.steps; ++stop) {
        CAPTURE(stop);
        nn::TrainState state;
        Seen first = run(c, nullptr, stop, &state);
        CHECK(first.result.outcome == nn::Outcome::kStopped);
        CHECK(state.now.updates == stop);
        CHECK(state.in_epoch());
        const nn::TrainState read = reread(state);
        Seen second = run(c, &read, 0, nullptr);
        second.reports = joined(first.reports, second.reports);
        CHECK(second == whole);
      }
    }
  }
}

TEST_CASE("a training goes on from the end of any epoch to the same bits") {
  for (const Case& c : cases()) {
    SUBCASE(c.name) {
      const Seen whole = run(c, nullptr, 0, nullptr);
      const int epochs = static_cast<int>(whole.result.steps / kBatches);
      for (int epoch = 1; epoch < epochs; ++epoch) {
        CAPTURE(epoch);
        nn::TrainState state;
        const Seen same = run(c, nullptr, 0, &state, epoch);
        CHECK(same == whole);
        CHECK(state.epochs == epoch);
        CHECK_FALSE(state.in_epoch());
        const nn::TrainState read = reread(state);
        Seen second = run(c, &read, 0, nullptr);
        const std::size_t lost = whole.reports.size() - second.reports.size();
        second.reports.insert(second.reports.begin(), whole.reports.begin(),
                              whole.reports.begin() + static_cast<std::ptrdiff_t>(lost));
        CHECK(second == whole);
      }
    }
  }
}

TEST_CASE("a finished training is left as it was, or goes on to more epochs") {
  for (const Case& c : cases()) {
    if (c.options.patience > 0 || c.break_at >= 0) continue;
    SUBCASE(c.name) {
      nn::TrainState state;
      const Seen whole = run(c, nullptr, 0, &state);
      const nn::TrainState read = reread(state);
      const Seen again = run(c, &read, 0, nullptr);
      CHECK(again.reports.empty());
      CHECK(again.weights == whole.weights);
      if (c.options.schedule.kind == nn::Schedule::kCosine) continue;  // spans other epochs
      Case longer = c;
      longer.options.epochs = 6;
      Seen more = run(longer, &read, 0, nullptr);
      more.reports = joined(whole.reports, more.reports);
      CHECK(more == run(longer, nullptr, 0, nullptr));
    }
  }
}

TEST_CASE("a state of another training is refused, with what differs") {
  nn::TrainState state;
  const Case usual = cases()[0];
  (void)run(usual, nullptr, 0, &state, 2);
  const auto refused = [&](const nn::TrainState& from, const Case& c, const char* line) {
    CHECK_THROWS_WITH_AS(run(c, &from, 0, nullptr), line, Error);
  };
  nn::TrainState other = state;
  other.now.tensors[1] = Tensor({2}, DType::kF32);
  refused(other, usual,
          "train: the state's w.first_moment is f32 [2]: the training has f32 [3, 3]");
  refused(state, cases()[1], "train: the state is of 7 tensors: the training changes 11");
  other = state;
  other.batches = 4;
  refused(other, usual, "train: the state is of epochs of 4 batches: the data give 3");
  Case shorter = usual;
  shorter.options.epochs = 1;
  refused(state, shorter, "train: the state is of 2 epochs: the training is of 1");
  Case best = usual;
  best.options.keep_best = true;
  refused(state, best, "train: the best epoch is to be kept: the state has none of its weights");
  other = state;
  other.now.updates = 7;
  refused(other, usual, "train: the state is of 7 updates in 2 epochs of 3");
}

TEST_CASE("a state's file keeps what JSON has no word for, and what is none is refused") {
  const TemporaryFolder folder;
  const std::string path = folder.path("state");
  nn::TrainState state;
  (void)run(cases()[0], nullptr, 2, &state);
  state.sums.loss = std::numeric_limits<double>::quiet_NaN();
  state.best_value = -INFINITY;
  nn::save_train_state(path, state);
  const nn::TrainState read = nn::load_train_state(path);
  CHECK(std::isnan(read.sums.loss));
  CHECK(read.best_value == -INFINITY);
  CHECK(read.sums.terms.at(1).name == "pull");
  CHECK(read.names == state.names);
  const auto refused = [&](const Safetensors& file, const std::string& line) {
    write_safetensors(path, file.tensors, file.metadata);
    CHECK_THROWS_WITH_AS(nn::load_train_state(path),
                         ("load_train_state: " + path + ": " + line).c_str(), FileError);
  };
  Safetensors file = to_safetensors(state);
  refused({file.tensors, {}}, "there is no training's state in it");
  refused({{}, file.metadata}, "there is no tensor now.0.step");
  file.metadata["train_state"] = "{}";
  refused(file, "names is missing");
}
