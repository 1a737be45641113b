#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string_view>

#include "ae/measure/classifier.h"
#include "ae/measure/features.h"
#include "nn/train/evaluation.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/guarded.h"
#include "tools/train_options.h"

namespace hourglass::tools {

using namespace internal;
namespace {

struct ClassifyArguments {
  std::string run;
  std::optional<std::string> data;
  TrainingArguments training;
  std::optional<std::int64_t> top_k;
  bool fine_tune = false, untrained = false, unscaled = false, json = false;
};

struct Result {
  double test = 0, validation = 0;
  int best_epoch = 0;
};

// Hands an epoch's error on the validation examples to the trainer, and prints it unless silent.
nn::TrainCallbacks judged_by(std::function<double()> validation_error, bool silent) {
  nn::TrainCallbacks callbacks;
  callbacks.judge = [validation_error](const nn::EpochReport&) { return validation_error(); };
  if (!silent) {
    callbacks.on_epoch = [](const nn::EpochReport& r) {
      fmt::print("epoch {}  cross-entropy {:.5f}  validation error {:.2f} %\n", r.epoch, r.loss,
                 100 * r.judged.value_or(0));
      flush_output();
    };
  }
  return callbacks;
}

nn::Linear make_top(std::int64_t classes, std::int64_t width) {
  nn::Linear top{parameter(Tensor(Shape{classes, width}, DType::kF32)),
                 parameter(Tensor(Shape{classes}, DType::kF32))};
  top.visit([](const std::string& name, Var& p) { p.named("classifier." + name); });
  return top;
}

// What is learnt from, chosen by and judged by.
struct Features {
  nn::Rows train, validation, test;
};

template <class F>
Features features_of(const nn::DataParts& sets, F&& f) {
  return {f(sets.train), f(sets.validation), f(sets.test)};
}

Result learn_classes(const std::function<Var(const Var&)>& logits,
                     const std::vector<Var>& parameters, const Features& x,
                     const nn::DataParts& sets, const nn::TrainOptions& options, bool silent) {
  const nn::TrainResult trained = nn::train(
      ae::classification_objective(logits), parameters, {x.train, sets.train.labels}, options,
      judged_by(
          [&] { return ae::classification_error(logits, x.validation, sets.validation.labels); },
          silent));
  if (trained.outcome == nn::Outcome::kDiverged) {
    throw std::runtime_error("classify: " + trained.reason);
  }
  if (trained.best_epoch == 0) {
    throw std::runtime_error("classify: no epoch has a validation error that is a number");
  }
  return {ae::classification_error(logits, x.test, sets.test.labels), trained.best,
          trained.best_epoch};
}

Result learn_top(std::int64_t classes, const Features& x, const nn::DataParts& sets,
                 const nn::TrainOptions& options, bool silent) {
  const nn::Linear top = make_top(classes, x.train.width());
  return learn_classes(top, {top.weight, top.bias}, x, sets, options, silent);
}

Result classify(LoadedRun& run, std::int64_t classes, const nn::DataParts& sets,
                const nn::TrainOptions& options, const ClassifyArguments& arguments) {
  if (!arguments.fine_tune) {
    Features codes = features_of(sets, [&](const nn::DataSet& data) {
      return nn::Rows(encode_examples(run, data.examples));
    });
    if (!arguments.unscaled) {
      const ae::Standardised scaled(codes.train);
      codes = {scaled(codes.train), scaled(codes.validation), scaled(codes.test)};
    }
    return learn_top(classes, codes, sets, options, arguments.json);
  }
  const nn::Linear top = make_top(classes, run.config.spec.code_width());
  std::vector<Var> parameters = {top.weight, top.bias};
  const std::vector<Var> encoder = run.model.parameters({ae::Part::kEncoder});
  parameters.insert(parameters.end(), encoder.begin(), encoder.end());
  const auto logits = [&](const Var& stored) {
    const Var labels = run.model.no_labels(stored.size(0));
    return top(run.model.encode(run.model.scaled(stored), labels).code);
  };
  const Features stored = features_of(sets, [](const nn::DataSet& data) { return data.rows(); });
  return learn_classes(logits, parameters, stored, sets, options, arguments.json);
}

// What the same regression makes of the data themselves: counts as TF-IDF, all else as the model's
// encoder is given it.
struct Baseline {
  const char* input = "";
  Result result;
};

Baseline baseline(const LoadedRun& run, std::int64_t classes, const nn::DataParts& sets,
                  const nn::TrainOptions& options) {
  const bool counts = run.config.kind == nn::DataKind::kCounts;
  std::function<nn::Rows(const nn::Rows&)> of = [&](const nn::Rows& rows) {
    return rows.map([&](const Tensor& some) {
      return nn::map_rows([&](const nn::Batch& batch) { return run.model.scaled(batch[0]); },
                          {some});
    });
  };
  if (counts) of = ae::TfIdf(sets.train.rows());
  const Features input =
      features_of(sets, [&](const nn::DataSet& data) { return of(data.rows()); });
  return {counts ? "tf-idf" : "raw", learn_top(classes, input, sets, options, true)};
}

// A class-conditional model needs no regression: it is asked which one explains an example best.
// (To be fine-tuned it is told none.)
int classify_told(const LoadedRun& run, const nn::DataSet& test,
                  const ClassifyArguments& arguments) {
  if (arguments.untrained || arguments.top_k) {
    throw Error(
        "classify: the model is class-conditional: without --fine-tune nothing is trained, only "
        "--data "
        "applies");
  }
  const Tensor labels = examples_of(run.config.spec, test).labels;
  const Tensor chosen = ae::likeliest_classes(run.model, test.rows());
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < test.count(); ++i) wrong += chosen.at(i) != labels.at(i);
  const double error = static_cast<double>(wrong) / static_cast<double>(test.count());
  if (arguments.json) {
    fmt::print("{}\n", json_text({{"model", run.config.model}, {"test_error", error}}, 2));
    return kDone;
  }
  fmt::print("the class that explains an example best: test error {:.2f} %\n", 100 * error);
  return kDone;
}

void print_result(const LoadedRun& run, const nn::DataParts& sets,
                  const std::vector<std::int32_t>& missing, const Result& result,
                  const Baseline& baseline, const ClassifyArguments& arguments) {
  if (arguments.json) {
    const Json j = {{"model", run.config.model},
                    {"fine_tuned", arguments.fine_tune},
                    {"untrained", arguments.untrained},
                    {"training_images", sets.train.count()},
                    {"missing_classes", missing},
                    {"best_epoch", result.best_epoch},
                    {"validation_error", result.validation},
                    {"test_error", result.test},
                    {"baseline",
                     {{"input", baseline.input},
                      {"best_epoch", baseline.result.best_epoch},
                      {"validation_error", baseline.result.validation},
                      {"test_error", baseline.result.test}}}};
    fmt::print("{}\n", json_text(j, 2));
    return;
  }
  fmt::print("{}", missing_text(missing, sets.train));
  fmt::print("epoch {} was the best: validation error {:.2f} %\ntest error {:.2f} %\n",
             result.best_epoch, 100 * result.validation, 100 * result.test);
  fmt::print("of the {}, without a model: test error {:.2f} %\n",
             std::string_view(baseline.input) == "raw" ? "input itself" : "input's TF-IDF",
             100 * baseline.result.test);
}

nn::TrainOptions default_options() { return {.epochs = 30, .keep_best = true}; }

int run_classify(ClassifyArguments arguments) {
  LoadedRun run = open_run(arguments.run);
  const nn::TrainOptions options = train_options(arguments.training, default_options());
  const ThreadScope threads(arguments.training.threads.value_or(hourglass::threads()));
  const kernels::PortableBits portable(arguments.training.portable_bits);
  if (run.config.spec.classes > 0 && !arguments.fine_tune) {
    return classify_told(run, *data_of("classify", run, arguments.data).test, arguments);
  }
  if (arguments.untrained) {
    run.model = ae::make_autoencoder(run.config.spec, options.seed);
  }
  if (arguments.top_k) {
    auto* rule = std::get_if<ae::TopK>(&run.model.spec.rule);
    if (!rule) throw Error("classify: top-k: the model keeps all units of its code");
    rule->active = *arguments.top_k;
    ae::check(run.model.spec);
  }
  const nn::RawData data = data_of("classify", run, arguments.data);
  if (!data.all.labels.defined() || !data.test->labels.defined()) {
    throw Error(fmt::format("classify: {}: there are no labels", data.all.source));
  }
  if (arguments.training.validation && *arguments.training.validation < 1) {
    throw Error(
        fmt::format("classify: validation: the epoch is chosen on it: expected at least 1: "
                    "got {}",
                    *arguments.training.validation));
  }
  const nn::DataParts sets = nn::split(data, split_options(arguments.training, options, {}));
  const std::vector<std::int32_t> missing = nn::missing_classes(data, sets.train);
  const std::int64_t classes = ae::count_classes(data.all.rows(), data.all.labels);
  const Baseline of_input = baseline(run, classes, sets, options);
  const Result result = classify(run, classes, sets, options, arguments);
  print_result(run, sets, missing, result, of_input, arguments);
  return kDone;
}

void add_classify(CommandLine& program) {
  auto arguments = std::make_shared<ClassifyArguments>();
  ClassifyArguments& a = *arguments;
  const Command command = program.add_command(
      "classify",
      "Softmax regression on a model's codes, beside the same on its input: how much they say "
      "about "
      "the classes; of a model that is class-conditional, the one that explains an example best");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("--data", a.data, data_help("(nothing: what it learnt from)"));
  command.add_flag("--fine-tune", a.fine_tune, "Train the encoder too, not the regression alone");
  command.add_option("--top-k", a.top_k, "Of a k-sparse model: so many units stay");
  command.add_flag("--untrained", a.untrained,
                   "From fresh weights in place of the trained ones, as a yardstick");
  command.add_flag("--unscaled", a.unscaled,
                   "Codes as they are, not brought to mean 0 and deviation 1");
  command.add_flag("--json", a.json, "As JSON");
  add_training_options(command, a.training);
  show_defaults(a.training, default_options(), true);
  add_split_options(command, a.training);
  command.set_action([arguments] { return run_classify(*arguments); });
}

const CommandEntry kClassifyEntry(10, add_classify);

}  // namespace
}  // namespace hourglass::tools
