#include "tools/train_options.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "tensor/error.h"

namespace hourglass::tools {

void add_training_options(const Command& command, TrainingArguments& a) {
  nn::TrainOptions& o = a.options;
  a.command = command;
  a.epochs_option = command.add_option("--epochs", a.epochs, "Passes over the training images");
  command.add_option("--batch,--batch-size", o.batch, "Images a step").shows("128, or all");
  command.add_option("--lr,--learning-rate", o.learning_rate, "The learning rate").show_default();
  a.schedule_option = command.add_option("--schedule", a.schedule,
                                         "Of the learning rate: " + enum_choices<nn::Schedule>());
  command.add_option("--decay", o.schedule.decay, "The factor of step and plateau").show_default();
  command
      .add_option("--decay-epochs", o.schedule.decay_epochs,
                  "Epochs between steps, or without a better one")
      .show_default();
  command.add_option("--lr-warm-up", o.schedule.warm_up, "Steps in which the rate rises to its own")
      .show_default();
  command.add_option("--clip-norm", o.clip_norm, "Longer gradients are cut to this (0: none)")
      .show_default();
  command
      .add_option("--average", o.average,
                  "The decay of weight averages, which are kept in place of the last weights "
                  "(0: none)")
      .show_default();
  command.add_option("--optimizer", a.optimizer, enum_choices<nn::Method>());
  command.add_option("--momentum", o.optimizer.momentum, "Of sgd").show_default();
  command
      .add_option("--weight-decay", o.optimizer.adam.weight_decay,
                  "Of adam, apart from the gradient (AdamW)")
      .show_default();
  command.add_option("--l2", o.optimizer.adam.l2, "Half of this times every weight's square")
      .show_default();
  command.add_option("--seed", o.seed, "Of weights, order and noise").show_default();
  command.add_option("--threads", a.threads, "How many threads compute (nothing: all cores)");
  command.add_flag(
      "--portable-bits,!--no-portable-bits", a.portable_bits,
      "Products by our own kernels alone: the same bits on every CPU with FMA (the default)");
  command.add_option("--patience", o.patience,
                     "Stop after so many epochs without a better one (0: do not)");
}

void add_split_options(const Command& command, TrainingArguments& a) {
  command.add_option("--validation", a.validation,
                     "Hold out so many training images, drawn by class, and report on them");
  command.add_option("--images", a.images, "Learn from so many training images, drawn by class");
  command.add_option("--split", a.split,
                     "Percent to learn from, to choose by and to judge by, for data without a test "
                     "part of their own (nothing: 80,10,10)");
}

nn::TrainOptions train_options(const TrainingArguments& a, int default_epochs,
                               nn::Schedule default_schedule) {
  nn::TrainOptions options = a.options;
  options.epochs = a.epochs.value_or(default_epochs);
  options.schedule.kind = a.schedule ? enum_named<nn::Schedule>(*a.schedule) : default_schedule;
  const bool steps = options.schedule.kind == nn::Schedule::kStep ||
                     options.schedule.kind == nn::Schedule::kPlateau;
  for (const char* name : {"--decay", "--decay-epochs"}) {
    if (steps || !a.command->given(name)) continue;
    throw Error(fmt::format("{}: belongs to the schedules step and plateau: the schedule is {}",
                            name + 2, nn::name_of(options.schedule.kind)));
  }
  if (a.optimizer) options.optimizer.method = enum_named<nn::Method>(*a.optimizer);
  nn::check(options);
  return options;
}

bool needs_judging(const TrainingArguments& a) {
  return a.options.keep_best || a.options.patience > 0 ||
         a.schedule == nn::name_of(nn::Schedule::kPlateau);
}

void refuse_steps(const TrainingArguments& a, const std::string& model) {
  for (const char* name :
       {"--epochs", "--pretrain", "--batch", "--lr", "--schedule", "--decay", "--decay-epochs",
        "--lr-warm-up", "--clip-norm", "--average", "--optimizer", "--momentum", "--weight-decay",
        "--l2", "--keep-best", "--patience"}) {
    if (!a.command->given(name)) continue;
    throw Error(fmt::format("train: {} is solved, not trained: leave out {}", model, name));
  }
}

std::optional<std::array<std::int64_t, 3>> percentages(const std::vector<std::int64_t>& split) {
  if (split.empty()) return std::nullopt;
  if (split.size() == 3) return std::array{split[0], split[1], split[2]};
  throw Error(fmt::format("split: expected three percentages, as in 80,10,10: got {}",
                          fmt::join(split, ",")));
}

std::string missing_text(const std::vector<std::int32_t>& classes) {
  if (classes.empty()) return "";
  return fmt::format("nothing is learnt of class {}: no training image is of it\n",
                     fmt::join(classes, ", "));
}

nn::SplitOptions split_options(const TrainingArguments& a, bool choosing) {
  return {.percent = percentages(a.split),
          .validation = a.validation,
          .images = a.images,
          .choosing = choosing,
          .seed = a.options.seed};
}

}  // namespace hourglass::tools
