// What training may choose: schedules, optimisers, the epoch that is kept.

#include <doctest/doctest.h>

#include <cmath>
#include <vector>

#include "autograd/ops/ops.h"
#include "nn/train/data_source.h"
#include "nn/train/trainer.h"
#include "tensor/error.h"

using namespace hourglass;

namespace {

const Tensor kRows = Tensor({4, 1}, DType::kF32);

// loss = w: every step of plain gradient descent subtracts the learning rate.
struct Ramp {
  Var w = parameter(Tensor::scalar(0)).named("w");
  nn::ObjectiveFunction objective = [this](const nn::Batch&, Step&) {
    return nn::make_objective({{"w", w}});
  };
  nn::TrainResult run(nn::TrainOptions options, const nn::TrainCallbacks& callbacks = {}) {
    options.batch = 2;  // two steps an epoch
    options.optimizer.method = nn::Method::kSgd;
    return nn::train(objective, {w}, {kRows}, options, callbacks);
  }
};

}  // namespace

TEST_CASE("the schedules give the learning rates that they say") {
  const auto descent = [](nn::TrainOptions options) {
    options.epochs = 4;
    options.learning_rate = 1;
    Ramp ramp;
    nn::check_trained(ramp.run(options));
    return -ramp.w.tensor().item();
  };
  CHECK(descent({}) == doctest::Approx(8));
  CHECK(descent({.schedule = {nn::Schedule::kStep, 0.5, 2}}) == doctest::Approx(4 + 2));
  CHECK(descent({.schedule = {nn::Schedule::kStep, 0.1, 1}}) == doctest::Approx(2.222));
  CHECK(descent({.schedule = {nn::Schedule::kCosine}}) == doctest::Approx(4.5));
}

TEST_CASE("the best epoch's parameters are kept, and patience ends training") {
  // Judged by the distance from -5, which is passed in epoch 3 (two steps of 1 each).
  const auto run = [](bool keep_best, int patience, double& reached, int& epochs) {
    Ramp ramp;
    epochs = 0;
    const nn::TrainResult result = ramp.run(
        {.epochs = 20, .learning_rate = 1, .keep_best = keep_best, .patience = patience},
        {.on_step = {},
         .on_epoch =
             [&](const nn::EpochReport& r) {
               ++epochs;
               CHECK(r.judged.value() == std::abs(-2.0 * r.epoch + 5));
             },
         .judge = [&](const nn::EpochReport&) { return std::abs(ramp.w.tensor().item() + 5); }});
    reached = ramp.w.tensor().item();
    return result;
  };
  double w = 0;
  int epochs = 0;
  nn::TrainResult result = run(true, 3, w, epochs);
  CHECK(result.outcome == nn::Outcome::kEarly);
  CHECK(result.best_epoch == 2);
  CHECK(result.best == 1);
  CHECK(epochs == 5);
  CHECK(w == -4);
  result = run(true, 0, w, epochs);
  CHECK(result.outcome == nn::Outcome::kDone);
  CHECK(epochs == 20);
  CHECK(w == -4);
  CHECK(run(false, 3, w, epochs).best_epoch == 2);
  CHECK(w == -10);
}

TEST_CASE("what is not a number is never the best, first or later, and neither is infinity") {
  const double kNaN = std::nan(""), kInf = INFINITY;
  const auto run = [](const std::vector<double>& judgements, int patience = 0) {
    Ramp ramp;
    const nn::TrainResult result =
        ramp.run({.epochs = static_cast<int>(judgements.size()),
                  .learning_rate = 1,
                  .keep_best = true,
                  .patience = patience},
                 {.judge = [&](const nn::EpochReport& r) {
                   return judgements[static_cast<std::size_t>(r.epoch - 1)];
                 }});
    const int kept = result.best_epoch > 0 ? result.best_epoch : static_cast<int>(result.steps / 2);
    CHECK(ramp.w.tensor().item() == -2 * kept);
    return result;
  };
  CHECK(run({kNaN, 3, 2, kNaN}).best_epoch == 3);
  CHECK(run({kInf, 3, 4}).best_epoch == 2);
  CHECK(run({5, kNaN, -kInf, 4}).best_epoch == 3);
  const nn::TrainResult never = run({kNaN, kInf, kNaN});
  CHECK(never.best_epoch == 0);
  CHECK(never.best == kInf);
  CHECK(run({kNaN, kNaN, kNaN, kNaN}, 2).outcome == nn::Outcome::kEarly);
}

TEST_CASE("a divergence that is not looked at is an error") {
  const auto run = [](double rate) {
    Ramp ramp;
    nn::check_trained(ramp.run({.epochs = 1, .learning_rate = rate}));
  };
  run(1e30);
  CHECK_THROWS_WITH_AS(run(1e300),
                       "train: the new value of parameter w is not finite at step 1 (epoch 1), "
                       "first in parameter f32 [] learning_rate: the weights are those of "
                       "the last good step",
                       Error);
}

TEST_CASE("a gradient that is not finite is said to be so, with the node where it begins") {
  const Var w = parameter(Tensor::from<float>({0, 4}, {2})).named("w");
  const Var v = parameter(Tensor::scalar(1)).named("v");
  const nn::Player calm{[&](const nn::Batch&, Step&) {
                          return nn::make_objective({{"calm", square(v)}});
                        },
                        {v}};
  const nn::Player rough{[&](const nn::Batch&, Step&) {
                           return nn::make_objective({{"root", sum(sqrt(w))}});
                         },
                         {w}};
  for (const nn::Method method : {nn::Method::kAdam, nn::Method::kSgd}) {
    const nn::TrainResult result =
        nn::train({calm, rough}, {kRows}, {.epochs = 1, .optimizer = {.method = method}});
    CHECK(result.outcome == nn::Outcome::kDiverged);
    CHECK(result.steps == 0);
    CHECK(result.reason ==
          "the gradient is not finite at step 1 (epoch 1), first in reciprocal f32 [2] of 0 to 2");
    CHECK(w.tensor().values() == std::vector<double>{0, 4});
    CHECK(v.tensor().item() == 1);
  }
  // A gradient that is finite, and whose square is not.
  const nn::Player steep{[&](const nn::Batch&, Step&) {
                           return nn::make_objective({{"steep", 1e30 * sum(w)}});
                         },
                         {w}};
  CHECK(
      nn::train({steep}, {kRows}, {.epochs = 1})
          .reason.starts_with("the new value of parameter w.second_moment is not finite at step 1 "
                              "(epoch 1), first in square f32 [2]"));
}

TEST_CASE("each epoch has its own order, which is the same whenever it is asked for") {
  std::vector<float> numbers(30);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const nn::DataSource source = nn::shuffled_rows({Tensor::from<float>(numbers, {30, 1})}, 30, 7);
  const auto order = [&](int epoch) { return source.batch(epoch, 0)[0].values(); };
  const std::vector<double> first = order(1), second = order(2);
  CHECK(first != second);
  CHECK(order(3) != second);
  CHECK(order(2) == second);
  CHECK(order(1) == first);
}

TEST_CASE("images and labels stay together") {
  const Tensor a = Tensor::from<float>({0, 1, 2, 3, 4, 5, 6}, {7, 1});
  const Tensor b = Tensor::from<std::int32_t>({0, 1, 2, 3, 4, 5, 6}, {7});
  const Var w = parameter(Tensor::scalar(0)).named("w");
  double worst = 0;
  const nn::ObjectiveFunction objective = [&](const nn::Batch& batch, Step&) {
    const Var distance =
        sum(abs(reshape(batch[0], batch[1].shape()) - cast(batch[1], DType::kF32)));
    return nn::make_objective({{"distance", distance + 0 * w}});
  };
  nn::check_trained(nn::train(objective, {w}, {a, b}, {.epochs = 3, .batch = 2},
                              {.on_step =
                                   [&](const nn::StepReport& r) {
                                     worst = std::max(worst, r.loss);
                                     return true;
                                   },
                               .on_epoch = {},
                               .judge = {}}));
  CHECK(worst == 0);
}

TEST_CASE("choices out of range are refused by name") {
  const auto run = [](const nn::TrainOptions& options) { nn::check_trained(Ramp().run(options)); };
  CHECK_THROWS_WITH_AS(run({.schedule = {.decay = 0}}),
                       "decay must be above 0 and at most 1: got 0", Error);
  CHECK_THROWS_WITH_AS(run({.schedule = {.decay_epochs = 0}}),
                       "decay_epochs must be at least 1: got 0", Error);
  CHECK_THROWS_WITH_AS(run({.patience = -1}), "patience must be at least 0: got -1", Error);
  CHECK_THROWS_WITH_AS(
      run({.keep_best = true}),
      "train: to keep the best epoch, something must judge: there is no validation set", Error);
  CHECK_THROWS_WITH_AS(run({.optimizer = {.momentum = 1}}),
                       "momentum must be at least 0 and below 1: got 1", Error);
  CHECK_THROWS_WITH_AS(run({.optimizer = {.adam = {.l2 = -1}}}), "l2 must be at least 0: got -1",
                       Error);
  CHECK_THROWS_WITH_AS(run({.optimizer = {.adam = {.weight_decay = 0.1}}}),
                       "weight-decay: belongs to adam: sgd has l2", Error);
  CHECK_THROWS_WITH_AS(enum_named<nn::Schedule>("cosin"),
                       "schedule: there is none named cosin: did you mean cosine? Expected one of "
                       "constant, cosine, step, plateau",
                       Error);
  CHECK_THROWS_WITH_AS(enum_named<nn::Method>("lbfgs"),
                       "optimizer: there is none named lbfgs: expected one of adam, sgd", Error);
}
