#include "tools/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "tensor/error.h"
#include "tensor/files/images.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"

namespace hourglass::tools {

using namespace internal;

namespace {

Json training_json(const nn::TrainOptions& o) {
  return {{"epochs", o.epochs},
          {"batch", o.batch.value_or(0)},
          {"lr", o.learning_rate},
          {"schedule", nn::name_of(o.schedule.kind)},
          {"decay", o.schedule.decay},
          {"decay_epochs", o.schedule.decay_epochs},
          {"lr_warm_up", o.schedule.warm_up},
          {"clip_norm", o.clip_norm},
          {"average", o.average},
          {"optimizer", nn::name_of(o.optimizer.method)},
          {"momentum", o.optimizer.momentum},
          {"weight_decay", o.optimizer.adam.weight_decay},
          {"l2", o.optimizer.adam.l2},
          {"seed", o.seed},
          {"threads", o.threads},
          {"keep_best", o.keep_best},
          {"patience", o.patience}};
}

}  // namespace

Json to_json(const RunConfig& config) {
  Json j;
  j["format"] = ae::kRunFormat;
  j["model"] = config.model;
  j["spec"] = Json::parse(ae::to_json(config.spec));
  j["data"] = config.data;
  j["source"] = config.source;
  j["image"] = {config.height, config.width};
  j["pad"] = config.pad;
  j["images"] = config.images;
  j["validation"] = config.validation;
  if (config.trained) {
    j["training"] = training_json(config.options);
  }
  if (config.pretrain > 0) j["pretrain"] = config.pretrain;
  j["steps"] = config.steps;
  if (config.best_epoch > 0) j["best_epoch"] = config.best_epoch;
  j["outcome"] = config.outcome;
  j["computed_by"] = {{"version", HOURGLASS_VERSION},
                      {"cpu_target", config.cpu_target},
                      {"blas", config.blas},
                      {"portable_bits", config.portable_bits}};
  return j;
}

namespace {

// Known is what is written.
void refuse_unknown_beside(const Json& written, const Json& read) {
  std::vector<std::string_view> known;
  for (const auto& [name, value] : written.items()) known.push_back(name);
  refuse_unknown(read, "field", known);
}

void refuse_unknown_fields(const Json& j) {
  RunConfig config;
  config.pretrain = config.best_epoch = 1;  // so that it says all there is to say
  const Json written = to_json(config);
  refuse_unknown_beside(written, j);
  refuse_unknown_beside(written["computed_by"], j.at("computed_by"));
  if (j.contains("training")) refuse_unknown_beside(written["training"], j["training"]);
}

nn::TrainOptions training_options(const Json& t) {
  nn::TrainOptions options;
  options.epochs = t.at("epochs");
  options.batch = t.at("batch").get<std::int64_t>();
  options.learning_rate = t.at("lr");
  options.schedule.kind = enum_named<nn::Schedule>(t.at("schedule").get<std::string>());
  options.seed = t.at("seed");
  options.threads = t.at("threads");
  // What follows came later: older runs have the defaults.
  options.schedule.decay = t.value("decay", options.schedule.decay);
  options.schedule.decay_epochs = t.value("decay_epochs", options.schedule.decay_epochs);
  options.schedule.warm_up = t.value("lr_warm_up", options.schedule.warm_up);
  options.clip_norm = t.value("clip_norm", options.clip_norm);
  options.average = t.value("average", options.average);
  nn::OptimizerOptions& optimizer = options.optimizer;
  optimizer.method = enum_named<nn::Method>(t.value("optimizer", std::string("adam")));
  optimizer.momentum = t.value("momentum", 0.0);
  optimizer.adam.weight_decay = t.value("weight_decay", 0.0);
  optimizer.adam.l2 = t.value("l2", 0.0);
  options.keep_best = t.value("keep_best", false);
  options.patience = t.value("patience", 0);
  return options;
}

void check_sizes(const RunConfig& config) {
  const std::int64_t width = config.spec.input_width();
  if (config.height < 1 || config.width < 1 || width % config.height != 0 ||
      width / config.height != config.width) {
    throw Error(fmt::format("image: {} by {} pixels are not the {} that the model takes",
                            config.height, config.width, width));
  }
  if (config.pad >= 0) return;
  throw Error(fmt::format("pad: must be at least 0: got {}", config.pad));
}

void check_has_weights(const RunConfig& config, const std::string& folder) {
  if (config.outcome != kUnderWay || std::filesystem::exists(folder + "/model.safetensors")) return;
  throw Error("its training has not ended: there are no weights yet");
}

}  // namespace

RunConfig read_config(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const std::string text = read_text(path, "run folder");
  try {
    const Json j = Json::parse(text);
    ae::check_run_format(j.value("format", ae::kRunFormat));
    refuse_unknown_fields(j);
    RunConfig config;
    config.model = j.at("model");
    config.spec = ae::spec_from_json(j.at("spec").dump());
    config.data = j.at("data");
    config.source = j.at("source");
    config.height = j.at("image").at(0);
    config.width = j.at("image").at(1);
    config.pad = j.value("pad", std::int64_t{0});
    config.images = j.value("images", std::int64_t{0});
    config.validation = j.value("validation", std::int64_t{0});
    config.pretrain = j.value("pretrain", 0);
    config.best_epoch = j.value("best_epoch", 0);
    config.trained = j.contains("training");
    if (config.trained) {
      config.options = training_options(j["training"]);
    }
    check_sizes(config);
    config.steps = j.at("steps");
    config.outcome = j.at("outcome");
    config.cpu_target = j.at("computed_by").at("cpu_target");
    config.blas = j.at("computed_by").at("blas");
    config.portable_bits = j["computed_by"].value("portable_bits", false);  // older runs lack it
    check_has_weights(config, folder);
    return config;
  } catch (const Json::exception& error) {
    const std::string text_of_error = error.what();  // "[json.exception.NAME.NUMBER] what"
    throw FileError(
        fmt::format("run folder: {}: {}", path, text_of_error.substr(text_of_error.find(']') + 2)));
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("run folder: {}: {}", path, error.what()));
  }
}

void check_image_size(const char* who, const RunConfig& config, const nn::ImageData& data) {
  if (data.test.height() == config.height && data.test.width() == config.width) return;
  throw Error(fmt::format("{}: image sizes differ: the model has {} by {}, {} has {} by {}", who,
                          config.height, config.width, data.source, data.test.height(),
                          data.test.width()));
}

Json metrics_line(int epoch, const std::string& split, const nn::ObjectiveMeans& means,
                  const std::vector<nn::NamedValue>& metrics) {
  Json j;
  j["epoch"] = epoch;
  j["split"] = split;
  j["loss"] = means.loss;
  j["terms"] = Json::object();
  for (const nn::NamedValue& term : means.terms) j["terms"][term.name] = term.value;
  j["loss_parts"] = Json::object();
  for (const nn::NamedValue& part : means.parts) j["loss_parts"][part.name] = part.value;
  for (const nn::NamedValue& metric : metrics) j[metric.name] = metric.value;
  return j;
}

Tensor reconstruction_sheet(const ae::Autoencoder& model, const nn::Images& images,
                            std::int64_t columns) {
  const std::int64_t n = std::min(columns, images.count());
  const nn::Images originals = images.range(0, n);
  const Tensor result = ae::reconstructions(model, examples_of(model.spec, originals));
  const Tensor shown =
      originals.images.dtype() == DType::kU8 ? originals.images : to_u8_image(originals.images);
  return image_pairs(shown, to_u8_image(result).reshape(shown.shape()),
                     {.columns = static_cast<int>(n), .scale = 2});
}

ae::Examples examples_of(const ae::Spec& spec, const nn::Images& images) {
  if (spec.classes == 0) return {images.rows()};
  if (!images.labels.defined()) {
    throw Error(
        fmt::format("data: the model is told {} classes: there are no labels", spec.classes));
  }
  const std::int32_t* labels = images.labels.data<std::int32_t>();
  for (std::int64_t i = 0; i < images.count(); ++i) {
    if (labels[i] >= 0 && labels[i] < spec.classes) continue;
    throw Error(fmt::format("data: label {} of image {} is out of range: expected 0 to {}",
                            labels[i], i, spec.classes - 1));
  }
  return {images.rows(), images.labels};
}

}  // namespace hourglass::tools
