#include "nn/train/train_fields.h"

#include <fmt/core.h>

#include "tensor/error.h"

namespace hourglass::nn {
namespace {

// What was not given is 0, which cannot be given. check() knows its limits.
Field<TrainOptions> batch_field() {
  return {.name = "batch",
          .option = "batch,batch-size",
          .help = "Rows a step (nothing: 128, or all where there are fewer)",
          .get = [](const TrainOptions& o) { return Value(o.batch.value_or(0)); },
          .set =
              [](TrainOptions& o, const Value& value) {
                FieldType<std::int64_t>::read("batch", value, o.batch.emplace());
              }};
}

std::vector<Field<TrainOptions>> schedule_fields() {
  using Options = TrainOptions;
  std::vector<Field<Options>> rows = {
      part<Options>("decay", "decay", "The factor of step and plateau",
                    [](auto& o) -> auto& { return o.schedule.decay; },
                    {.least = 0, .most = 1, .above = true}),
      part<Options>(
          "decay_epochs", "decay-epochs", "Epochs between steps, or without a better one",
          [](auto& o) -> auto& { return o.schedule.decay_epochs; }, at_least(1))};
  for (Field<Options>& row : rows) {
    row.refusal = [](const Options& o) {
      const Schedule kind = o.schedule.kind;
      if (kind == Schedule::kStep || kind == Schedule::kPlateau) return std::string();
      return fmt::format("belongs to the schedules step and plateau: the schedule is {}",
                         name_of(kind));
    };
  }
  rows.push_back(part<Options>(
      "restarts", "restarts", "Epochs after which the cosine begins anew, as in 10,20",
      [](auto& o) -> auto& { return o.schedule.restarts; }, at_least(1)));
  rows.back().refusal = [](const Options& o) {
    if (o.schedule.kind == Schedule::kCosine) return std::string();
    return fmt::format("belongs to the schedule cosine: the schedule is {}",
                       name_of(o.schedule.kind));
  };
  rows.insert(rows.begin(),
              part<Options>(
                  "schedule", "schedule", "Of the learning rate: " + enum_choices<Schedule>(),
                  [](auto& o) -> auto& { return o.schedule.kind; }));
  rows.push_back(part<Options>(
      "lr_warm_up", "lr-warm-up", "Steps in which the rate rises to its own",
      [](auto& o) -> auto& { return o.schedule.warm_up; }, at_least(0)));
  return rows;
}

std::vector<Field<TrainOptions>> all_fields() {
  using Options = TrainOptions;
  std::vector<Field<Options>> all = {
      field("epochs", "epochs", "Passes over the examples", &Options::epochs, at_least(1)),
      batch_field(),
      field("lr", "lr,learning-rate", "The learning rate", &Options::learning_rate, kPositive)};
  const auto add = [&](std::vector<Field<Options>> rows) {
    all.insert(all.end(), rows.begin(), rows.end());
  };
  add(schedule_fields());
  add({field("clip_norm", "clip-norm", "Longer gradients are cut to this (0: none)",
             &Options::clip_norm, at_least(0)),
       field("average", "average",
             "The decay of weight averages, which are kept in place of the last weights (0: none)",
             &Options::average, kFrom0Below1)});
  add(part_fields<Options>(
      optimizer_fields(), [](auto& o) -> auto& { return o.optimizer; }));
  add({field("seed", "seed", "Of weights, order and noise", &Options::seed),
       field("threads", "", "How many compute; 0: all cores", &Options::threads, {0, 1024}),
       field("keep_best", "keep-best",
             "Keep the weights of the epoch that is best on the validation examples",
             &Options::keep_best),
       field("patience", "patience", "Stop after so many epochs without a better one (0: do not)",
             &Options::patience, at_least(0))});
  return all;
}

}  // namespace

const std::vector<Field<TrainOptions>>& train_fields() {
  static const std::vector<Field<TrainOptions>> fields = all_fields();
  return fields;
}

void check(const TrainOptions& options) {
  check_all_limits(options, train_fields());
  std::int64_t after = 0;
  for (const std::int64_t restart : options.schedule.restarts) {
    if (restart <= after || restart >= options.epochs) {
      throw Error(fmt::format("restarts: expected epochs from 1 to {}, ascending: got {}",
                              options.epochs - 1, to_text(Value(options.schedule.restarts))));
    }
    after = restart;
  }
  if (options.batch) check_limits("batch", at_least(1), *options.batch);
  check(options.optimizer);
}

}  // namespace hourglass::nn
