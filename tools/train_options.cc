#include "tools/train_options.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "tensor/error.h"
#include "tools/data.h"

namespace hourglass::tools {

void add_training_options(const Command& command, TrainingArguments& a) {
  a.fields.add_to(command);
  command.add_option("--threads", a.threads, "How many threads compute (nothing: all cores)");
  command.add_flag(
      "--portable-bits,!--no-portable-bits", a.portable_bits,
      "Products by our own kernels alone: the same bits on every CPU with FMA (the default)");
}

void show_defaults(const TrainingArguments& a, const nn::TrainOptions& defaults, bool of_a_model) {
  a.fields.show_defaults(defaults, [&](const Field<nn::TrainOptions>& field) {
    const bool models = field.name == "epochs" || field.name == "schedule";
    return field.name == "batch" || (models && !of_a_model);
  });
}

void add_split_options(const Command& command, TrainingArguments& a) {
  command.add_option("--validation", a.validation,
                     "Hold out so many training examples, drawn by class, and report on them");
  command.add_option("--images", a.images, "Learn from so many training examples, drawn by class");
  command.add_option("--split", a.split,
                     "Percent to learn from, to choose by and to judge by, for data without a test "
                     "part of their own (nothing: 80,10,10)");
}

nn::TrainOptions train_options(const TrainingArguments& a, nn::TrainOptions options) {
  a.fields.apply(options);
  nn::check(options);
  return options;
}

bool needs_judging(const nn::TrainOptions& options) {
  return options.keep_best || options.patience > 0 ||
         options.schedule.kind == nn::Schedule::kPlateau;
}

void refuse_steps(const TrainingArguments& a, const std::string& model) {
  std::vector<std::string> given = a.fields.all_given();
  if (a.pretrain) given.emplace_back("pretrain");
  for (const std::string& name : given) {
    if (name == "seed") continue;  // which draws the examples, too
    throw Error(fmt::format("train: {} is solved, not trained: leave out --{}", model, name));
  }
}

std::optional<std::array<std::int64_t, 3>> percentages(const std::vector<std::int64_t>& split) {
  if (split.empty()) return std::nullopt;
  if (split.size() == 3) return std::array{split[0], split[1], split[2]};
  throw Error(fmt::format("split: expected three percentages, as in 80,10,10: got {}",
                          fmt::join(split, ",")));
}

std::string missing_text(const std::vector<std::int32_t>& classes, const nn::DataSet& data) {
  if (classes.empty()) return "";
  std::vector<std::string> names;
  for (const std::int32_t c : classes) names.push_back(class_name(data, c));
  return fmt::format("nothing is learnt of class {}: no training example is of it\n",
                     printable(fmt::format("{}", fmt::join(names, ", "))));
}

nn::SplitOptions split_options(const TrainingArguments& a, const nn::TrainOptions& options,
                               const DataOptions& reading) {
  return {.percent = percentages(a.split),
          .validation = a.validation,
          .images = a.images,
          .choosing = needs_judging(options),
          .seed = options.seed,
          .window = reading.window,
          .stride = reading.stride};
}

}  // namespace hourglass::tools
