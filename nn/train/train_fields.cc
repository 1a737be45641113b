#include "nn/train/train_fields.h"

namespace hourglass::nn {
namespace {

// What was not given is written as 0: a solved model, say, has no batches.
Field<TrainOptions> batch_field() {
  return {.name = "batch",
          .option = "",
          .help = "Rows a step",
          .get = [](const TrainOptions& o) { return Value(o.batch.value_or(0)); },
          .set =
              [](TrainOptions& o, const Value& value) {
                std::int64_t batch = 0;
                FieldType<std::int64_t>::read("batch", value, batch);
                o.batch = batch == 0 ? std::nullopt : std::optional(batch);
              }};
}

}  // namespace

const std::vector<Field<TrainOptions>>& train_fields() {
  using Options = TrainOptions;
  static const std::vector<Field<Options>> fields = {
      field("epochs", "", "Passes over the examples", &Options::epochs),
      batch_field(),
      field("lr", "", "The learning rate", &Options::learning_rate),
      part<Options>(
          "schedule", "Of the learning rate", [](auto& o) -> auto& { return o.schedule.kind; }),
      part<Options>(
          "decay", "The factor of step and plateau",
          [](auto& o) -> auto& { return o.schedule.decay; }),
      part<Options>(
          "decay_epochs", "Epochs between steps, or without a better one",
          [](auto& o) -> auto& { return o.schedule.decay_epochs; }),
      part<Options>(
          "lr_warm_up", "Steps in which the rate rises to its own",
          [](auto& o) -> auto& { return o.schedule.warm_up; }),
      field("clip_norm", "", "Longer gradients are cut to this", &Options::clip_norm),
      field("average", "", "The decay of weight averages", &Options::average),
      part<Options>(
          "optimizer", "The method", [](auto& o) -> auto& { return o.optimizer.method; }),
      part<Options>(
          "momentum", "Of sgd", [](auto& o) -> auto& { return o.optimizer.momentum; }),
      part<Options>(
          "weight_decay", "Of adam, apart from the gradient",
          [](auto& o) -> auto& { return o.optimizer.adam.weight_decay; }),
      part<Options>(
          "l2", "Half of this times every weight's square",
          [](auto& o) -> auto& { return o.optimizer.adam.l2; }),
      field("seed", "", "Of weights, order and noise", &Options::seed),
      field("threads", "", "How many compute; 0: all cores", &Options::threads),
      field("keep_best", "", "The best epoch's weights are kept", &Options::keep_best),
      field("patience", "", "Epochs without a better one before the end", &Options::patience)};
  return fields;
}

}  // namespace hourglass::nn
