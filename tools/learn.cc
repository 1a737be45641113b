#include "tools/learn.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "ae/measure/inspect.h"
#include "ae/measure/likelihood.h"
#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "ae/model/pca.h"
#include "ae/model/stacked.h"
#include "ae/model/train.h"
#include "nn/train/evaluation.h"
#include "tensor/files/json_fields.h"
#include "tools/catalogue.h"
#include "tools/diagnostics.h"
#include "tools/init_from.h"
#include "tools/progress.h"
#include "tools/say.h"

namespace hourglass::tools {

using namespace internal;

namespace {

nn::ObjectiveMeans means_of(const nn::EpochReport& report) {
  return {report.loss, report.terms, report.parts};
}

nn::ObjectiveFunction objective_of(const Run& run) {
  return model_of_run(run.config.model).objective(run.model);
}

// The objective over images, without noise.
nn::ObjectiveMeans means_over(const Run& run, const nn::DataSet& images) {
  return nn::objective_means(objective_of(run), ae::rows_of(examples_of(run.config.spec, images)));
}

// What happens at the end of an epoch: validation, a look inside, the journals' lines.
class Journal {
 public:
  Journal(Run& run, const nn::DataParts& sets, const LearnCallbacks& callbacks,
          std::int64_t updates)
      : run_(run), sets_(sets), callbacks_(callbacks), updates_(updates) {
    if (!run.config.diagnostics) return;
    const nn::DataSet& probe = sets.validation.examples.defined() ? sets.validation : sets.train;
    inspector_.emplace(objective_of(run), run.model.trained_parameters(), code_functions(run.model),
                       examples_of(run.config.spec, probe), run.config.options.seed);
  }

  bool validates() const { return sets_.validation.examples.defined(); }

  double judge() {
    validation_ = means_over(run_, sets_.validation);
    return validation_.loss;
  }

  void epoch(const nn::EpochReport& report) {
    progress_.epoch(report, run_.config.options.epochs);
    run_.epochs = report.epoch;
    Json line = metrics_line(run_.config.kind, report.epoch, "train", means_of(report));
    add_scales(line, run_.config.kind, report.terms, run_.config.spec);
    Json times = {{"epoch", report.epoch}, {"split", "train"}, {"seconds", report.seconds}};
    if (inspector_) {
      const Clock::time_point start = Clock::now();
      const ae::Diagnostics found = inspector_->measure(updates_);
      add_diagnostics(line, run_.config.kind, found);
      warn(report.epoch, found);
      times["diagnostics_seconds"] = std::chrono::duration<double>(Clock::now() - start).count();
    }
    times["weights"] = ae::model_sha256(run_.model);
    callbacks_.metrics(line);
    callbacks_.timing(times);
    if (report.judged)
      callbacks_.metrics(metrics_line(run_.config.kind, report.epoch, "validation", validation_));
  }

  void step(const nn::StepReport& report) {
    ++updates_;
    progress_.step(report);
  }

 private:
  using Clock = std::chrono::steady_clock;

  // A term without a gradient trains nothing: said once.
  void warn(int epoch, const ae::Diagnostics& found) {
    for (const nn::NamedValue& norm : found.gradient_norms) {
      if (norm.value != 0 || !warned_.insert(norm.name).second) continue;
      say("epoch {}: loss term {} has no gradient: it changes no weight\n", epoch, norm.name);
    }
  }

  Run& run_;
  const nn::DataParts& sets_;
  const LearnCallbacks& callbacks_;
  std::int64_t updates_;
  std::optional<ae::Inspector> inspector_;
  nn::ObjectiveMeans validation_;
  Progress progress_{nn::plural(run_.config.kind)};
  std::set<std::string> warned_;
};

nn::TrainOptions layer_options(const RunConfig& config) {
  nn::TrainOptions options = config.options;
  options.epochs = config.pretrain;
  options.keep_best = false;
  options.patience = 0;
  options.schedule.restarts.clear();
  // Nothing judges a layer.
  if (options.schedule.kind == nn::Schedule::kPlateau) options.schedule = {};
  return options;
}

// Each layer on its own; false where that ended training.
bool pretrain(Run& run, const nn::DataParts& sets, const LearnCallbacks& told,
              const Checkpoint* from) {
  Progress progress(nn::plural(run.config.kind));
  const auto callbacks = [&](int layer, ae::Autoencoder& shallow) {
    say("layer {} of {}\n", layer + 1, run.model.encoder.layers.size());
    nn::TrainCallbacks callbacks;
    callbacks.on_step = [&](const nn::StepReport& report) {
      progress.step(report);
      return told.go_on();
    };
    callbacks.on_epoch = [&, layer](const nn::EpochReport& report) {
      progress.epoch(report, run.config.pretrain);
      const std::string split = fmt::format("train layer {}", layer + 1);
      told.metrics(metrics_line(run.config.kind, report.epoch, split, means_of(report)));
      told.timing({{"epoch", report.epoch},
                   {"split", split},
                   {"seconds", report.seconds},
                   {"weights", ae::model_sha256(shallow)}});
    };
    if (told.checkpoint) {
      callbacks.checkpoint = [&, layer](const nn::TrainState& state) {
        told.checkpoint(layer + 1, state);
      };
    }
    return callbacks;
  };
  const ae::LayerState begun =
      from ? ae::LayerState{from->layer - 1, &from->state} : ae::LayerState{};
  run.result =
      ae::pretrain(run.model, sets.train.rows(), layer_options(run.config), callbacks, begun);
  return run.result.outcome == nn::Outcome::kDone;
}

// Those of the model that a checkpoint has.
void restore_beside(ae::Autoencoder& model, const Checkpoint& from) {
  for (const nn::NamedParameter& p : parameters_beside(model, from.layer)) {
    const auto found = std::find_if(from.beside.begin(), from.beside.end(),
                                    [&](const NamedTensor& t) { return t.name == p.name; });
    if (found == from.beside.end()) throw Error("train: the checkpoint has no " + p.name);
    const Tensor& t = found->value;
    if (t.shape() != p.parameter.shape() || t.dtype() != p.parameter.dtype()) {
      throw Error(fmt::format("train: the checkpoint's {} is {} {}: the model has {} {}", p.name,
                              name_of(t.dtype()), to_string(t.shape()),
                              name_of(p.parameter.dtype()), to_string(p.parameter.shape())));
    }
    p.parameter.assign(t);
  }
}

}  // namespace

namespace {

// Images whose loss ahead of training and after it are compared.
constexpr std::int64_t kProbe = 500;

ae::Examples probe_of(const Run& run, const nn::DataSet& images) {
  return ae::first_of(examples_of(run.config.spec, images), kProbe);
}

double loss_of(const Run& run, const ae::Examples& probe) {
  return nn::objective_means(objective_of(run), ae::rows_of(probe)).loss;
}

bool is_dead(const Run& run, const ae::Examples& probe) {
  const ae::CodeFunctions functions = code_functions(run.model);
  const Tensor codes = nn::map_rows(
      [&](const nn::Batch& b) {
        const ae::Batch batch = ae::batch_of(b);
        return functions.encode({functions.scaled(batch.images), batch.labels});
      },
      ae::rows_of(probe));
  const std::int64_t rows = codes.shape()[0], width = codes.elements() / rows;
  return rows > 1 && ae::code_statistics(codes.reshape({rows, width})).dead_units == width;
}

void train_whole(Run& run, const nn::DataParts& sets, const LearnCallbacks& told,
                 const nn::TrainState* from) {
  run.epochs = from ? from->epochs : 0;
  Journal journal(run, sets, told, from ? from->now.updates : 0);
  nn::TrainCallbacks callbacks;
  callbacks.on_step = [&](const nn::StepReport& report) {
    journal.step(report);
    return told.go_on();
  };
  callbacks.on_epoch = [&](const nn::EpochReport& report) {
    journal.epoch(report);
    if (told.ended) told.ended(report.epoch);
  };
  if (journal.validates()) {
    callbacks.judge = [&](const nn::EpochReport&) { return journal.judge(); };
  }
  if (told.checkpoint) {
    callbacks.checkpoint = [&](const nn::TrainState& state) { told.checkpoint(0, state); };
  }
  run.result =
      ae::train(ae::players_of(run.model, objective_of(run)), run.config.spec,
                examples_of(run.config.spec, sets.train), run.config.options, callbacks, from);
}

// What there is to say against a training that ended by itself.
std::string doubt_of(const Run& run, const ae::Examples& probe, double loss_before) {
  const nn::Outcome outcome = run.result.outcome;
  if (outcome != nn::Outcome::kDone && outcome != nn::Outcome::kEarly) return "";
  std::string doubt;
  if (is_dead(run, probe)) {
    doubt = "the code is dead: every unit gives all examples the same number";
  }
  const double loss = loss_of(run, probe);
  if (loss < loss_before) return doubt;
  return fmt::format("{}{}the loss is {:.6g}, not below the {:.6g} ahead of training", doubt,
                     doubt.empty() ? "" : "; ", loss, loss_before);
}

}  // namespace

nn::DataSet as_learnt(const RunConfig& config, const nn::DataSet& data, Part part) {
  if (config.spec.binarize != ae::Binarize::kStatic || !data.examples.defined()) return data;
  nn::DataSet binary = data;
  binary.examples = ae::binarise_once(data.examples.tensor(), config.options.seed, part);
  return binary;
}

std::vector<nn::NamedValue> objective_figures(const RunConfig& config,
                                              const nn::ObjectiveMeans& means) {
  std::vector<nn::NamedValue> figures = {{"loss", means.loss}};
  const ae::Gaussian* code = config.spec.gaussian();
  if (means.terms.size() > 1) {
    for (nn::NamedValue term : means.terms) {
      if (code && figures.size() == 1) term.name = "expected_" + term.name;
      figures.push_back(term);
    }
  }
  if (code && !code->importance && ae::traits_of(config.spec.loss).likelihood) {
    figures.push_back({"elbo", -(means.terms.at(0).value + means.terms.at(1).value)});
  }
  return named_for(config.kind, figures);
}

void learn(Run& run, const nn::DataParts& given, const LearnCallbacks& told,
           const Checkpoint* from) {
  const nn::DataParts sets = {as_learnt(run.config, given.train, kTrain),
                              as_learnt(run.config, given.validation, kValidation), given.test};
  run.model = ae::make_autoencoder(run.config.spec, run.config.options.seed);
  ae::fit_input(run.model, sets.train.rows());
  if (!run.config.trained) {
    ae::set_to_pca(run.model, ae::fit_pca(sets.train.rows(), run.model.input));
    return;
  }
  if (!run.config.init.empty()) begin_with(run.model, run.config);
  ae::check_targets(run.model, sets.train.rows());
  const ae::Examples probe = probe_of(run, sets.train);
  const double loss_before = loss_of(run, probe);
  if (from) restore_beside(run.model, *from);
  const bool pretrained = run.config.pretrain == 0 || (from && from->layer == 0);
  if (!pretrained && !pretrain(run, sets, told, from)) return;
  train_whole(run, sets, told, pretrained && from ? &from->state : nullptr);
  run.doubt = doubt_of(run, probe, loss_before);
  if (!run.doubt.empty()) say("{}\n", run.doubt);
}

Json judge_by_test(Run& run, const nn::DataSet& test) {
  const ae::Examples examples = examples_of(run.config.spec, test);
  run.test = named_for(run.config.kind, ae::reconstruction_metrics(run.model, examples));
  const nn::ObjectiveMeans means = means_over(run, as_learnt(run.config, test, kTest));
  run.figures = objective_figures(run.config, means);
  return metrics_line(run.config.kind, run.epochs, "test", means, run.test);
}

}  // namespace hourglass::tools
