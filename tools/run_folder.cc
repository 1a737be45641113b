#include "tools/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "nn/train/train_fields.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/images.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/new_folder.h"
#include "tools/data_json.h"
#include "tools/pictures.h"
#include "tools/train_options.h"

namespace hourglass::tools {

using namespace internal;

namespace {

const std::vector<Field<RunConfig>>& config_fields() {
  static const std::vector<Field<RunConfig>> fields = {
      field("model", "", "Its name in the catalogue", &RunConfig::model),
      field("data", "", "What --data was", &RunConfig::data),
      field("source", "", "What was read", &RunConfig::source),
      field("kind", "", "What an example is", &RunConfig::kind),
      field("checksum", "", "CRC-32 of the data", &RunConfig::checksum),
      field("split", "", "Percent of each part; none: the data bring a test part",
            &RunConfig::split),
      field("split_seed", "", "What the parts were drawn from", &RunConfig::split_seed),
      field("images", "", "How many were learnt from", &RunConfig::images, at_least(0)),
      field("validation", "", "How many were held out", &RunConfig::validation, at_least(0)),
      field("pretrain", "", "Epochs of each layer on its own", &RunConfig::pretrain, at_least(0)),
      field("diagnostics", "", "Whether an epoch ends with a look inside", &RunConfig::diagnostics),
      field("init", "", "The run whose weights it began with", &RunConfig::init),
      field("init_sha256", "", "The hash of those weights", &RunConfig::init_sha256),
      field("steps", "", "Updates that were kept", &RunConfig::steps, at_least(0)),
      field("best_epoch", "", "Whose weights were kept", &RunConfig::best_epoch, at_least(0)),
      field("outcome", "", "How it ended", &RunConfig::outcome)};
  return fields;
}

const std::vector<Field<RunConfig>>& computed_by_fields() {
  static const std::vector<Field<RunConfig>> fields = {
      field("version", "", "Of the program", &RunConfig::version),
      field("libraries", "", "It was built with", &RunConfig::libraries),
      field("cpu_target", "", "The SIMD kernels", &RunConfig::cpu_target),
      field("blas", "", "Whose products", &RunConfig::blas),
      field("threads", "", "How many", &RunConfig::threads, at_least(0)),
      field("portable_bits", "", "Whether by our own kernels alone", &RunConfig::portable_bits)};
  return fields;
}

}  // namespace

Json to_json(const RunConfig& config) {
  Json j = {{"format", ae::kRunFormat}};
  j.update(fields_json(config, config_fields()));
  j["reading"] = reading_json(config.reading);
  j["schema"] = schema_json(config.schema);
  j["spec"] = parse_json(ae::to_json(config.spec));
  if (config.trained) j["training"] = fields_json(config.options, nn::train_fields());
  j["computed_by"] = fields_json(config, computed_by_fields());
  return j;
}

namespace {

// What later versions added may be missing, and has its default then.
nn::TrainOptions read_training(const Json& j) {
  nn::TrainOptions options;
  require(j, {"epochs", "batch", "lr", "schedule", "seed", "threads"});
  read_fields(j, nn::train_fields(), {}, options);
  nn::check(options);
  return options;
}

void read_computed_by(const Json& j, RunConfig& config) {
  require(j, {"cpu_target", "blas"});
  read_fields(j, computed_by_fields(), {}, config);
}

// Before there were kinds of data, height and width of an image stood beside the spec, and how it was
// padded beside its data.
Json in_todays_words(Json j) {
  if (j.contains("pad")) {
    j["reading"]["pad"] = j["pad"];
    j.erase("pad");
  }
  const auto old = j.find("image");
  if (old == j.end()) return j;
  const bool sides = old->is_array() && old->size() == 2;
  if (!sides) throw Error("image: expected a height and a width: got " + json_text(*old));
  Json& spec = j["spec"];
  if (spec.is_object() && !spec.contains("image")) spec["image"] = {1, (*old)[0], (*old)[1]};
  j.erase("image");
  return j;
}

void check_has_weights(const RunConfig& config, const std::string& folder,
                       const std::string& path) {
  if (config.outcome != kUnderWay || std::filesystem::exists(folder + "/model.safetensors")) return;
  if (was_killed(config, folder)) {
    throw FileError(fmt::format("run folder: {}: its training was killed: {} goes on with it", path,
                                resume_command(folder)));
  }
  throw FileError(
      fmt::format("run folder: {}: its training has not ended: there are no weights yet", path));
}

RunConfig config_from(const Json& read) {
  if (!read.is_object()) throw Error("expected an object: got " + json_text(read));
  const Json j = in_todays_words(read);
  ae::check_run_format(member<std::int64_t>(j, "format", ae::kRunFormat));
  require(j, {"model", "data", "source", "steps", "outcome", "spec", "computed_by"});
  RunConfig config;
  config.trained = j.contains("training");
  read_fields(j, config_fields(),
              {"format", "reading", "schema", "spec", "training", "computed_by"}, config);
  check_all_limits(config, config_fields());
  if (j.contains("reading")) {
    reading("reading", [&] { config.reading = reading_from(j["reading"]); });
  }
  if (j.contains("schema")) {
    reading("schema", [&] { config.schema = schema_from(j["schema"]); });
  }
  config.spec = ae::spec_from_json(json_text(j["spec"]));
  if (config.trained) {
    config.options = reading("training", [&] { return read_training(j["training"]); });
  }
  reading("computed_by", [&] { read_computed_by(j["computed_by"], config); });
  return config;
}

}  // namespace

bool is_run(const std::string& folder) { return std::filesystem::exists(folder + "/config.json"); }

bool is_path(const std::string& text) {
  return text.find('/') != std::string::npos || std::filesystem::is_directory(text);
}

RunConfig read_config_file(const std::string& path) {
  const std::string text = read_text(path, "run folder");
  try {
    return config_from(parse_json(text));
  } catch (const Error& error) {
    throw FileError(fmt::format("run folder: {}: {}", path, error.what()));
  }
}

RunConfig read_config(const std::string& folder) {
  const std::string path = folder + "/config.json";
  RunConfig config = read_config_file(path);
  check_has_weights(config, folder, path);
  return config;
}

RunConfig config_from_json(const Json& json) { return config_from(json); }

bool was_killed(const RunConfig& config, const std::string& folder) {
  return config.outcome == kUnderWay && internal::is_free(folder);
}

std::string resume_command(const std::string& folder) {
  return "hourglass train --resume " + printable(folder);
}

bool goes_on(const RunConfig& config) {
  return config.trained && (!is_finished(config) || config.outcome.starts_with("done"));
}

bool is_finished(const RunConfig& config) {
  return config.outcome != kUnderWay && config.outcome != kStopped;
}

DataOptions reading_of(const RunConfig& config) {
  DataOptions options = config.reading;
  if (config.schema.width > 0) options.read.schema = config.schema;
  if (options.pad > 0 && options.read.schema) options.read.schema->width = 0;  // that is padded
  return options;
}

nn::SplitOptions test_split(const RunConfig& config) {
  return {.percent = percentages(config.split),
          .seed = config.split_seed,
          .window = config.reading.window,
          .stride = config.reading.stride};
}

void check_examples(const char* who, const RunConfig& config, const nn::DataSet& data,
                    const Shape& example) {
  if (data.kind == config.kind && example == config.spec.example_shape()) return;
  throw Error(fmt::format("{}: the model takes {}, {} holds {}", who,
                          nn::kind_text(config.kind, config.spec.example_shape()), data.source,
                          nn::kind_text(data.kind, example)));
}

std::vector<nn::NamedValue> named_for(nn::DataKind kind, std::vector<nn::NamedValue> figures) {
  const std::string_view ending = "_per_image";
  for (nn::NamedValue& figure : figures) {
    const bool strip = kind != nn::DataKind::kImage && figure.name.ends_with(ending);
    if (strip) figure.name.resize(figure.name.size() - ending.size());
  }
  return figures;
}

Json metrics_line(nn::DataKind kind, int epoch, const std::string& split,
                  const nn::ObjectiveMeans& means, const std::vector<nn::NamedValue>& metrics) {
  const auto add = [&](Json& json, const std::vector<nn::NamedValue>& values) {
    for (const nn::NamedValue& value : named_for(kind, values)) json[value.name] = value.value;
  };
  Json j = {{"epoch", epoch}, {"split", split}, {"loss", means.loss}};
  add(j["terms"] = Json::object(), means.terms);
  add(j["loss_parts"] = Json::object(), means.parts);
  add(j, metrics);
  return j;
}

Tensor reconstruction_sheet(const ae::Autoencoder& model, const nn::DataSet& images,
                            std::int64_t columns) {
  const std::int64_t n = std::min(columns, images.count());
  const nn::DataSet originals = images.range(0, n);
  const Tensor result = ae::reconstructions(model, examples_of(model.spec, originals));
  return image_pairs(pictures(originals.examples.tensor()),
                     pictures(result.reshape(originals.examples.shape())),
                     {.columns = static_cast<int>(n), .scale = 2});
}

ae::Examples examples_of(const ae::Spec& spec, const nn::DataSet& data) {
  if (spec.classes == 0) return {data.rows()};
  if (!data.labels.defined()) {
    throw Error(fmt::format("data: the model is conditional on {}: there are no labels",
                            internal::counted(spec.classes, "class")));
  }
  const std::int32_t* labels = data.labels.data<std::int32_t>();
  for (std::int64_t i = 0; i < data.count(); ++i) {
    if (labels[i] >= 0 && labels[i] < spec.classes) continue;
    throw Error(fmt::format("data: label {} of example {} is out of range: expected 0 to {}",
                            labels[i], i, spec.classes - 1));
  }
  return {data.rows(), data.labels};
}

}  // namespace hourglass::tools
