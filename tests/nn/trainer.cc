// The trainer on graphs that are no autoencoder: what its options do to known gradients, what an
// objective is called with, data from a function.

#include "nn/train/trainer.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "autograd/ops/ops.h"
#include "nn/data/batches.h"
#include "nn/train/evaluation.h"
#include "nn/train/gradient_norms.h"
#include "tensor/error.h"

using namespace hourglass;
using doctest::Approx;

namespace {

// loss = 3 w0 + 4 w1, whose gradient is (3, 4) everywhere; two steps an epoch.
struct Slope {
  Var w = parameter(Tensor({2}, DType::kF32)).named("w");
  nn::ObjectiveFunction objective = [this](const nn::Batch&, Step&) {
    return nn::make_objective({{"slope", sum(w * constant(Tensor::from<float>({3, 4}, {2})))}});
  };
  void run(nn::TrainOptions options, const nn::TrainCallbacks& callbacks = {}) {
    options.batch = 2;
    options.optimizer.method = nn::Method::kSgd;
    nn::check_trained(nn::train(objective, {w}, {Tensor({4, 1}, DType::kF32)}, options, callbacks));
  }
  double at(int i) const { return w.tensor().at(i); }
};

nn::TrainCallbacks judged(double value) {
  nn::TrainCallbacks callbacks;
  callbacks.judge = [value](const nn::EpochReport&) { return value; };
  return callbacks;
}

}  // namespace

TEST_CASE("a gradient longer than the norm is scaled down to it, a shorter one is left") {
  Slope clipped, left;
  clipped.run({.epochs = 1, .learning_rate = 1, .clip_norm = 1});
  CHECK(clipped.at(0) == Approx(-2 * 0.6));
  CHECK(clipped.at(1) == Approx(-2 * 0.8));
  left.run({.epochs = 1, .learning_rate = 1, .clip_norm = 5.5});
  CHECK(left.at(0) == -6);
  CHECK(left.at(1) == -8);
  const std::vector<Var> zeros = nn::clip_by_norm({constant(Tensor({3}, DType::kF32))}, 1);
  CHECK(zeros[0].value().values() == std::vector<double>{0, 0, 0});
}

TEST_CASE("the rate rises over the warm-up's steps") {
  Slope slope;
  slope.run({.epochs = 4, .learning_rate = 1, .schedule = {.warm_up = 4}});
  CHECK(slope.at(0) == Approx(-3 * (0.25 + 0.5 + 0.75 + 1 + 4)));
}

TEST_CASE("on a plateau the rate falls after so many epochs without a better one, and again") {
  Slope slope;
  const nn::ScheduleOptions schedule = {nn::Schedule::kPlateau, 0.5, 2};
  slope.run({.epochs = 6, .learning_rate = 1, .schedule = schedule}, judged(1));
  // Epoch 1 is the best; the rate falls after epochs 3 and 5.
  CHECK(slope.at(0) == Approx(-3 * (3 * 2 + 2 * 2 * 0.5 + 2 * 0.25)));
  CHECK_THROWS_WITH_AS(slope.run({.schedule = schedule}),
                       "train: to see a plateau, something must judge: there is no validation set",
                       Error);
}

TEST_CASE("averages follow the weights with their decay, are judged and are what is left") {
  const double decay = 0.75;
  double average = 0;
  std::vector<double> expected, seen;
  for (int step = 1; step <= 6; ++step) {
    average = decay * average + (1 - decay) * -3 * step;
    if (step % 2 == 0) expected.push_back(average);
  }
  Slope slope;
  nn::TrainCallbacks callbacks;
  callbacks.judge = [&](const nn::EpochReport&) {
    seen.push_back(slope.at(0));
    return 0.0;
  };
  slope.run({.epochs = 3, .learning_rate = 1, .average = decay}, callbacks);
  REQUIRE(seen.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) CHECK(seen[i] == Approx(expected[i]));
  CHECK(slope.at(0) == Approx(average));
  // The best epoch's averages, where that is kept: here the first.
  Slope best;
  nn::TrainCallbacks rising;
  rising.judge = [](const nn::EpochReport& r) { return static_cast<double>(r.epoch); };
  best.run({.epochs = 3, .learning_rate = 1, .average = decay, .keep_best = true}, rising);
  CHECK(best.at(0) == Approx(expected[0]));
}

TEST_CASE("constraints hold after each update, for every optimiser") {
  for (const nn::Method method : {nn::Method::kSgd, nn::Method::kAdam}) {
    const Tensor start = Tensor::from<float>({1, 2, -1, 2, 0.5, 2}, {3, 2});
    const Var w = parameter(start).named("w"), v = parameter(start).named("v");
    const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step&) {
      return nn::make_objective({{"sum", sum(w) + sum(v) + 0 * sum(batch[0])}});
    };
    nn::TrainOptions options{.epochs = 3, .batch = 1, .learning_rate = 0.3};
    options.optimizer.method = method;
    options.optimizer.constraints = {{w, nn::unit_rows}, {v, nn::non_negative}};
    nn::check_trained(nn::train(objective, {w, v}, {Tensor({2, 1}, DType::kF32)}, options));
    const std::vector<double> a = w.tensor().values(), b = v.tensor().values();
    for (std::size_t row = 0; row < 3; ++row) {
      CHECK(std::hypot(a[2 * row], a[2 * row + 1]) == Approx(1));
    }
    CHECK(*std::min_element(b.begin(), b.end()) == 0);
    CHECK(*std::max_element(b.begin(), b.end()) > 0);
  }
  CHECK(nn::unit_rows(constant(Tensor({1, 2}, DType::kF32))).value().values() ==
        std::vector<double>{0, 0});
  Slope slope;
  const Var other = parameter(Tensor({2}, DType::kF32)).named("other");
  CHECK_THROWS_WITH_AS(slope.run({.optimizer = {.constraints = {{other, nn::unit_rows}}}}),
                       "constraint: other is not among the parameters that are trained", Error);
}

TEST_CASE("an objective is called with batches' shapes alone, and its mistakes name those") {
  std::set<std::int64_t> sizes;
  const Var w = parameter(Tensor::scalar(0)).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step&) {
    sizes.insert(batch[0].size(0));
    return nn::make_objective({{"w", w + 0 * sum(batch[0])}});
  };
  nn::check_trained(
      nn::train(objective, {w}, {Tensor({1000, 3}, DType::kF32)}, {.epochs = 1, .batch = 300}));
  CHECK(sizes == std::set<std::int64_t>{100, 300});
  const nn::ObjectiveFunction wrong = [&](const nn::Batch& batch, Step&) {
    return nn::make_objective({{"w", sum(batch[0] - constant(Tensor({50, 3}, DType::kF32)))}});
  };
  CHECK_THROWS_WITH_AS(
      nn::train(wrong, {w}, {Tensor({1000, 3}, DType::kF32)}, {.epochs = 1, .batch = 100}),
      "subtract: shapes do not broadcast: a=[100, 3], b=[50, 3]: 100 vs 50", Error);
}

TEST_CASE("batches may come from a function, of epoch and place") {
  const Var w = parameter(Tensor::scalar(0)).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step&) {
    return nn::make_objective({{"w", w * mean(batch[0])}});
  };
  const nn::DataSource data{
      .batches = 3, .batch = [](int epoch, std::int64_t index) {
        return std::vector<Tensor>{
            Tensor::full({2 + index}, 10.0 * epoch + static_cast<double>(index), DType::kF32)};
      }};
  std::int64_t examples = 0;
  nn::check_trained(
      nn::train({{objective, {w}}}, data,
                {.epochs = 2, .learning_rate = 1, .optimizer = {.method = nn::Method::kSgd}},
                {.on_step = [&](const nn::StepReport& r) {
                  examples = r.examples;
                  return true;
                }}));
  CHECK(w.tensor().item() == -(10 + 11 + 12 + 20 + 21 + 22));
  CHECK(examples == 2 + 3 + 4);
}

// A loss that is not finite takes the update before it back, which is the last of the epoch before.
TEST_CASE("a divergence at the first step of an epoch leaves the weights of the step before last") {
  const Var w = parameter(Tensor::scalar(0)).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step&) {
    return nn::make_objective({{"w", (w + 10) * mean(batch[0])}});
  };
  for (const int bad : {2, 3}) {
    w.assign(Tensor::scalar(0));
    const nn::DataSource data{
        .batches = 3, .batch = [&](int epoch, std::int64_t index) {
          const bool first = index == 0;
          const double x = epoch == bad && first ? INFINITY : static_cast<double>(1 + index);
          return std::vector<Tensor>{Tensor::full({2}, x, DType::kF32)};
        }};
    const nn::TrainResult result =
        nn::train({{objective, {w}}}, data,
                  {.epochs = 3, .learning_rate = 1, .optimizer = {.method = nn::Method::kSgd}});
    CHECK(result.outcome == nn::Outcome::kDiverged);
    CHECK(result.steps == 3 * (bad - 1) - 1);
    CHECK(w.tensor().item() == -(6 * (bad - 1) - 3));  // each epoch subtracts 1 + 2 + 3
  }
}

TEST_CASE("what cannot be trained is refused in one line") {
  Slope slope;
  const auto data = [&](const std::vector<nn::Rows>& tensors) {
    nn::check_trained(nn::train(slope.objective, {slope.w}, tensors, {}));
  };
  CHECK_THROWS_WITH_AS(data({}), "train: there are no examples", Error);
  CHECK_THROWS_WITH_AS(data({Tensor({4, 1}, DType::kF32), Tensor({3}, DType::kF32)}),
                       "train: expected tensors [N, ...] of equal N, at least 1: 1: [3]", Error);
  CHECK_THROWS_WITH_AS(nn::train({{slope.objective, {slope.w}}}, nn::DataSource{}, {}),
                       "train: there are no batches", Error);
  CHECK_THROWS_WITH_AS(slope.run({.clip_norm = -1}), "clip_norm must be at least 0: got -1", Error);
  CHECK_THROWS_WITH_AS(slope.run({.average = 1}), "average must be at least 0 and below 1: got 1",
                       Error);
  CHECK_THROWS_WITH_AS(slope.run({.schedule = {.warm_up = -1}}),
                       "lr_warm_up must be at least 0: got -1", Error);
  CHECK_THROWS_WITH_AS(nn::make_objective({}), "objective: there is no term", Error);
  CHECK_THROWS_WITH_AS(nn::make_objective({{"w", slope.w}}),
                       "objective: w: its value must be a scalar: got [2]", Error);
}

TEST_CASE("a batch that is asked for is not larger than the data, one that is not adapts itself") {
  const Var w = parameter(Tensor::scalar(0)).named("w");
  std::vector<std::int64_t> examples;
  const auto train = [&](std::int64_t rows, std::optional<std::int64_t> batch) {
    nn::check_trained(nn::train(
        [&](const nn::Batch&, Step&) {
          return nn::make_objective({{"w", w}});
        },
        {w}, {Tensor({rows, 1}, DType::kF32)}, {.epochs = 1, .batch = batch},
        {.on_step = [&](const nn::StepReport& r) {
          examples.push_back(r.examples);
          return true;
        }}));
  };
  train(3, {});
  train(3, 3);
  train(200, {});
  CHECK(examples == std::vector<std::int64_t>{3, 3, 128, 200});
  CHECK_THROWS_WITH_AS(train(3, 4), "batch: expected 1 to 3, the number of examples: got 4", Error);
  CHECK_THROWS_WITH_AS(train(3, INT64_MAX),
                       "batch: expected 1 to 3, the number of examples: got 9223372036854775807",
                       Error);
  CHECK(nn::Batches(Tensor({3, 1}, DType::kF32), INT64_MAX, 1).count() == 1);
  const auto identity = [](const nn::Batch& batch) { return batch[0]; };
  const Tensor x = Tensor::from<float>({1, 2, 3}, {3, 1});
  CHECK(nn::map_rows(identity, {x}, INT64_MAX).identical(x));
  CHECK_THROWS_WITH_AS(nn::map_rows(identity, {x}, 0), "batch: must be at least 1: got 0", Error);
}

TEST_CASE("what is 0 or 1 in the model's dtype alone is refused, and is no fault in f64") {
  Slope slope;
  CHECK_THROWS_WITH_AS(slope.run({.learning_rate = 1e-50}),
                       "lr: is 0 in f32, the model's dtype: got 1e-50", Error);
  CHECK_THROWS_WITH_AS(slope.run({.clip_norm = 1e-60}),
                       "clip-norm: is 0 in f32, the model's dtype: got 1e-60", Error);
  CHECK_THROWS_WITH_AS(slope.run({.average = 0.999999999}),
                       "average: is 1 in f32, the model's dtype: got 0.999999999", Error);
  CHECK_THROWS_WITH_AS(slope.run({.optimizer = {.momentum = 0.999999999}}),
                       "momentum: is 1 in f32, the model's dtype: got 0.999999999", Error);
  slope.run({.epochs = 1, .learning_rate = 1e-44});
  CHECK(slope.at(0) < 0);
  const Var w = parameter(Tensor({1}, DType::kF64)).named("w");
  nn::check_trained(nn::train(
      [&](const nn::Batch&, Step&) {
        return nn::make_objective({{"w", sum(w)}});
      },
      {w}, {Tensor({1, 1}, DType::kF32)},
      {.epochs = 1, .learning_rate = 1e-50, .optimizer = {.method = nn::Method::kSgd}}));
  CHECK(w.tensor().item() == -1e-50);
}

TEST_CASE("a parameter that the loss does not reach is refused by name, alone or among others") {
  const Var w = parameter(Tensor({2}, DType::kF32)).named("w");
  const Var v = parameter(Tensor({3}, DType::kF32)).named("v");
  const Var nameless = parameter(Tensor({5, 1}, DType::kF32));
  const auto train = [&](const Var& loss, const std::vector<Var>& parameters) {
    nn::check_trained(nn::train(
        [&](const nn::Batch&, Step&) {
          return nn::make_objective({{"loss", loss}});
        },
        parameters, {Tensor({1, 1}, DType::kF32)}, {.epochs = 1}));
  };
  const std::string says = "train: the loss does not depend on these parameters: ";
  CHECK_THROWS_WITH_AS(train(sum(w), {v}), (says + "v").c_str(), Error);
  CHECK_THROWS_WITH_AS(train(sum(stop_gradient(w)) + sum(square(stop_gradient(2 * v))), {w, v}),
                       (says + "w, v").c_str(), Error);
  CHECK_THROWS_WITH_AS(train(sum(w) + sum(stop_gradient(v)), {w, v, nameless}),
                       (says + "v, [5, 1]").c_str(), Error);
  train(sum(w) + sum(v), {w, v});
}

TEST_CASE("what is trained is a list of parameters, each once, with an objective") {
  const Var w = parameter(Tensor({2}, DType::kF32)).named("w");
  const nn::ObjectiveFunction loss = [&](const nn::Batch&, Step&) {
    return nn::make_objective({{"loss", sum(w)}});
  };
  const auto refused = [](const nn::ObjectiveFunction& f, const std::vector<Var>& parameters,
                          const char* line) {
    CHECK_THROWS_WITH_AS(
        nn::check_trained(nn::train(f, parameters, {Tensor({1, 1}, DType::kF32)}, {.epochs = 1})),
        line, Error);
  };
  refused({}, {w}, "train: there is no objective: the function is empty");
  refused(loss, {}, "train: there are no parameters to train");
  refused(loss, {w, w}, "train: parameter w is listed twice, in places 0 and 1");
  refused(loss, {w, 2 * w}, "train: only parameters are trained: got f32 [2] in place 1");
  refused(loss, {Var()}, "train: only parameters are trained: got an empty Var in place 0");
}

TEST_CASE("a term has a name of its own and a finite weight") {
  const Var s = full({}, 1);
  const auto refused = [](const std::vector<nn::Term>& terms, const char* line) {
    CHECK_THROWS_WITH_AS(nn::make_objective(terms), line, Error);
  };
  refused({}, "objective: there is no term");
  refused({{"", s}}, "objective: a term has no name");
  refused({{"mse", s}, {"l1", s}, {"mse", s}}, "objective: two terms are named mse");
  refused({{"l1", s, std::nan("")}}, "objective: l1: its weight must be a finite number: got nan");
}

TEST_CASE("an objective made by hand is as scalar as another") {
  const Var w = parameter(Tensor({2}, DType::kF32)).named("w");
  const auto train = [&](const nn::Objective& objective) {
    nn::check_trained(nn::train([&](const nn::Batch&, Step&) { return objective; }, {w},
                                {Tensor({1, 1}, DType::kF32)}, {.epochs = 1}));
  };
  const Var s = sum(w);
  CHECK_THROWS_WITH_AS(train({w, {{"w", s}}, {s}}), "objective: the loss must be a scalar: got [2]",
                       Error);
  CHECK_THROWS_WITH_AS(train({s, {{"w", w}}, {s}}),
                       "objective: w: its value must be a scalar: got [2]", Error);
  CHECK_THROWS_WITH_AS(train({s, {{"w", s}}, {w}}),
                       "objective: w: its part must be a scalar: got [2]", Error);
  CHECK_THROWS_WITH_AS(train({s, {{"w", s}}, {}}), "objective: needs one part a term: 0 vs 1",
                       Error);
  CHECK_THROWS_WITH_AS(train({s, {}, {}}), "objective: there is no term", Error);
  train({s, {{"w", s}}, {s}});
}

TEST_CASE("a divergence names the first number of the data that is not finite") {
  const Var w = parameter(Tensor::scalar(1)).named("w");
  const nn::TrainResult result = nn::train(
      [&](const nn::Batch& batch, Step&) {
        return nn::make_objective({{"x", w * sum(batch[0])}});
      },
      {w}, {Tensor::from<float>({1, 2, 3, 4, std::nanf(""), 6}, {3, 2})}, {.epochs = 1});
  CHECK(result.outcome == nn::Outcome::kDiverged);
  CHECK(result.reason.ends_with("; row 2, column 0 of tensor 0 of the data is nan"));
}

TEST_CASE("an objective's means over rows are those over examples, without training's noise") {
  const nn::ObjectiveFunction objective = [](const nn::Batch& batch, Step& step) {
    return nn::make_objective({{"x", mean(batch[0]) + (step.training ? 1.0 : 0.0), 2}});
  };
  const Tensor x = Tensor::from<float>({1, 2, 3, 4, 10}, {5, 1});
  const nn::ObjectiveMeans means = nn::objective_means(objective, {x}, 0, 2);
  CHECK(means.terms[0].value == Approx(4));
  CHECK(means.loss == Approx(8));
  CHECK(means.parts[0].value == Approx(8));
}

TEST_CASE("the gradient norm of each weighted term, on any graph: an unused one shows as 0") {
  const Var w = parameter(Tensor::from<float>({3, 4}, {2})).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step& step) {
    const Var ramp = minimum(cast(step.step, DType::kF32) / 10, constant(1));
    return nn::make_objective({{"decay", sum(square(w)), 0.5},
                               {"slow", sum(square(w)), 0.5, ramp},
                               {"none", sum(batch[0])}});
  };
  nn::GradientNorms norms(objective, {w}, {Tensor({4, 1}, DType::kF32)}, 1);
  const std::vector<nn::NamedValue> at = norms.at(4);
  CHECK(at[0].name == "decay");
  CHECK(at[0].value == Approx(5));  // of w itself
  CHECK(at[1].value == Approx(2));
  CHECK(at[2].value == 0);
}
