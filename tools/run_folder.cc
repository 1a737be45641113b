#include "tools/run_folder.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "nn/train/train_fields.h"
#include "tensor/error.h"
#include "tensor/files/images.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"

namespace hourglass::tools {

using namespace internal;

namespace {

// Height and width of an image, as one field.
Field<RunConfig> image_field() {
  return {.name = "image",
          .option = "",
          .help = "Height and width",
          .get =
              [](const RunConfig& c) {
                return std::vector<std::int64_t>{c.height, c.width};
              },
          .set =
              [](RunConfig& c, const Value& value) {
                std::array<std::int64_t, 2> sides{};
                FieldType<std::array<std::int64_t, 2>>::read("image", value, sides);
                c.height = sides[0];
                c.width = sides[1];
              }};
}

const std::vector<Field<RunConfig>>& config_fields() {
  static const std::vector<Field<RunConfig>> fields = {
      field("model", "", "Its name in the catalogue", &RunConfig::model),
      field("data", "", "What --data was", &RunConfig::data),
      field("source", "", "What was read", &RunConfig::source),
      image_field(),
      field("pad", "", "Pixels a side after padding", &RunConfig::pad, at_least(0)),
      field("images", "", "How many were learnt from", &RunConfig::images, at_least(0)),
      field("validation", "", "How many were held out", &RunConfig::validation, at_least(0)),
      field("pretrain", "", "Epochs of each layer on its own", &RunConfig::pretrain, at_least(0)),
      field("steps", "", "Updates that were kept", &RunConfig::steps, at_least(0)),
      field("best_epoch", "", "Whose weights were kept", &RunConfig::best_epoch, at_least(0)),
      field("outcome", "", "How it ended", &RunConfig::outcome)};
  return fields;
}

const std::vector<Field<RunConfig>>& computed_by_fields() {
  static const std::vector<Field<RunConfig>> fields = {
      field("cpu_target", "", "The SIMD kernels", &RunConfig::cpu_target),
      field("blas", "", "Whose products", &RunConfig::blas),
      field("portable_bits", "", "Whether by our own kernels alone", &RunConfig::portable_bits)};
  return fields;
}

}  // namespace

Json to_json(const RunConfig& config) {
  Json j = {{"format", ae::kRunFormat}};
  j.update(fields_json(config, config_fields()));
  j["spec"] = parse_json(ae::to_json(config.spec));
  if (config.trained) j["training"] = fields_json(config.options, nn::train_fields());
  j["computed_by"] = {{"version", HOURGLASS_VERSION}};
  j["computed_by"].update(fields_json(config, computed_by_fields()));
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
  read_fields(j, computed_by_fields(), {"version"}, config);
}

void check_sizes(const RunConfig& config) {
  const std::int64_t width = config.spec.input_width();
  if (config.height >= 1 && width % config.height == 0 && width / config.height == config.width) {
    return;
  }
  throw Error(fmt::format("image: {} by {} pixels are not the {} that the model takes",
                          config.height, config.width, width));
}

void check_has_weights(const RunConfig& config, const std::string& folder) {
  if (config.outcome != kUnderWay || std::filesystem::exists(folder + "/model.safetensors")) return;
  throw Error("its training has not ended: there are no weights yet");
}

RunConfig config_from(const Json& j) {
  if (!j.is_object()) throw Error("expected an object: got " + json_text(j));
  ae::check_run_format(member<std::int64_t>(j, "format", ae::kRunFormat));
  require(j, {"model", "data", "source", "image", "steps", "outcome", "spec", "computed_by"});
  RunConfig config;
  config.trained = j.contains("training");
  read_fields(j, config_fields(), {"format", "spec", "training", "computed_by"}, config);
  check_all_limits(config, config_fields());
  config.spec = ae::spec_from_json(json_text(j["spec"]));
  if (config.trained) {
    config.options = reading("training", [&] { return read_training(j["training"]); });
  }
  reading("computed_by", [&] { read_computed_by(j["computed_by"], config); });
  check_sizes(config);
  return config;
}

}  // namespace

RunConfig read_config(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const std::string text = read_text(path, "run folder");
  try {
    RunConfig config = config_from(parse_json(text));
    check_has_weights(config, folder);
    return config;
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
    throw Error(fmt::format("data: the model is conditional on {} classes: there are no labels",
                            spec.classes));
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
