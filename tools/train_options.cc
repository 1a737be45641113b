#include "tools/train_options.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "nn/data/batches.h"
#include "tensor/error.h"
#include "tensor/random.h"

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

namespace {

// All indices in an order drawn from the seed of which every first part has the classes in the
// proportions of the whole, as far as it goes, beginning with one image of each.
std::vector<std::int32_t> drawn_by_class(const nn::Images& all, std::uint64_t seed) {
  std::vector<std::int32_t> order = permutation(key_of(seed), "subset", 0, all.count());
  if (!all.labels.defined()) return order;
  const std::int32_t* labels = all.labels.data<std::int32_t>();
  std::map<std::int32_t, double> sizes, seen;
  for (std::int64_t i = 0; i < all.count(); ++i) ++sizes[labels[i]];
  std::vector<double> place(order.size());  // within its class, from 0 to 1
  for (const std::int32_t i : order) {
    place[static_cast<std::size_t>(i)] = seen[labels[i]]++ / sizes[labels[i]];
  }
  std::stable_sort(order.begin(), order.end(), [&](std::int32_t a, std::int32_t b) {
    return place[static_cast<std::size_t>(a)] < place[static_cast<std::size_t>(b)];
  });
  return order;
}

nn::Images chosen(const nn::Images& all, std::vector<std::int32_t> indices) {
  std::sort(indices.begin(), indices.end());
  const auto rows = [&](const Tensor& t) {
    return nn::gather_rows(t, indices.data(), static_cast<std::int64_t>(indices.size()));
  };
  return {rows(all.images), all.labels.defined() ? rows(all.labels) : Tensor()};
}

std::set<std::int32_t> classes_of(const nn::Images& images) {
  if (!images.labels.defined()) return {};
  const std::int32_t* labels = images.labels.data<std::int32_t>();
  return {labels, labels + images.count()};
}

}  // namespace

std::vector<std::int32_t> missing_classes(const nn::ImageData& data, const nn::Images& some) {
  std::set<std::int32_t> missing = classes_of(data.train);
  missing.merge(classes_of(data.test));
  for (const std::int32_t label : classes_of(some)) missing.erase(label);
  return {missing.begin(), missing.end()};
}

TrainingSets split_training(const nn::Images& all, const TrainingArguments& arguments,
                            bool choosing) {
  const std::int64_t n = all.count();
  const std::int64_t held = arguments.validation.value_or(
      choosing ? std::min<std::int64_t>(10000, std::max<std::int64_t>(1, n / 6)) : 0);
  if (held < 0 || held >= n) {
    throw Error(
        fmt::format("validation: expected 0 to {} of {} training images: got {}", n - 1, n, held));
  }
  const std::int64_t kept = arguments.images.value_or(n - held);
  if (kept < 1 || kept > n - held) {
    throw Error(
        fmt::format("images: expected 1 to {}, what validation leaves: got {}", n - held, kept));
  }
  if (held == 0 && kept == n) return {all, {}};
  const std::vector<std::int32_t> order = drawn_by_class(all, arguments.options.seed);
  TrainingSets sets{chosen(all, {order.begin(), order.begin() + kept}), {}};
  if (held > 0) sets.validation = chosen(all, {order.end() - held, order.end()});
  return sets;
}

}  // namespace hourglass::tools
