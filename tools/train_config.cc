#include "tools/train_config.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>

#include "ae/model/fit_to.h"
#include "ae/model/stacked.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"

namespace hourglass::tools {

using namespace internal;

namespace {

ae::Missing missing_of(nn::Missing missing) {
  switch (missing) {
    case nn::Missing::kMask:
      return ae::Missing::kMask;
    case nn::Missing::kMean:
      return ae::Missing::kMean;
    case nn::Missing::kRefuse:
    case nn::Missing::kDrop:
      break;
  }
  return ae::Missing::kNone;
}

}  // namespace

nn::TrainOptions default_options(const ModelEntry& entry) {
  return {.epochs = static_cast<int>(entry.default_epochs), .schedule = {.kind = entry.schedule}};
}

nn::TrainOptions options_of(const TrainingArguments& arguments, const ModelEntry& entry) {
  if (entry.trained) return train_options(arguments, default_options(entry));
  refuse_steps(arguments, entry.name);
  return train_options(arguments, {});
}

// Real pixels beyond [0, 1] are taken where the user says what they are.
DataOptions reading_of(const TrainArguments& arguments) {
  DataOptions reading;
  arguments.reading.apply(reading);
  const std::optional<Value> scale = arguments.shape.given("scale");
  reading.read.of_255 = scale == Value(std::string(name_of(ae::Scale::kPixels)));
  reading.read.any_range = scale.has_value();
  return reading;
}

std::string taken_text(const ae::Spec& spec, nn::DataKind kind) {
  if (kind == nn::DataKind::kImage) return "";
  return fmt::format("taken for {}: scale {}, output {}, loss {}, code of {}\n", nn::plural(kind),
                     name_of(spec.scale), name_of(spec.output),
                     ae::loss_text(spec.loss, spec.loss_scale), spec.code_width());
}

void fit_options(const TrainArguments& arguments, const ModelEntry& entry, const nn::DataSet& train,
                 nn::TrainOptions& options) {
  if (!entry.trained) return;
  nn::TrainOptions preset = default_options(entry);
  preset.batch = options.batch;
  const nn::TrainOptions fitted = ae::fit_training(preset, train.kind, train.count());
  options = train_options(arguments.training, fitted);
}

void set_computed_by(RunConfig& config) {
  config.version = HOURGLASS_VERSION;
  config.libraries = HOURGLASS_LIBRARIES;
  config.cpu_target = kernels::cpu_target();
  config.blas = kernels::blas_description();
  config.threads = hourglass::threads();
}

RunConfig make_config(const TrainArguments& arguments, const ModelEntry& entry,
                      const nn::TrainOptions& options, const DataOptions& reading,
                      const nn::RawData& data, const nn::DataParts& parts) {
  RunConfig config;
  config.model = entry.name;
  config.data = arguments.data.empty() ? "" : std::filesystem::absolute(arguments.data).string();
  if (arguments.data == "-") config.data = "-";
  config.source = arguments.data.empty() ? data.all.source : config.data;
  config.kind = data.all.kind;
  if (!data.test) config.split = arguments.training.split;
  if (!data.test && config.split.empty()) config.split = {80, 10, 10};
  config.split_seed = options.seed;
  config.reading = reading;
  config.schema = nn::schema_of(data);
  config.checksum = nn::checksum(data);
  config.images = parts.train.count();
  config.validation = parts.validation.examples.defined() ? parts.validation.count() : 0;
  config.spec = make_spec(entry, arguments.shape, ae::form_of(parts.train));
  config.spec.missing = missing_of(reading.read.missing);
  config.trained = entry.trained;
  config.options = options;
  config.pretrain = arguments.training.pretrain.value_or(entry.pretrain);
  if (config.pretrain < 0) {
    throw Error(fmt::format("pretrain: must be at least 0: got {}", config.pretrain));
  }
  if (config.pretrain > 0) ae::check_stackable(config.spec);
  config.diagnostics = !arguments.training.no_diagnostics;
  config.portable_bits = arguments.training.portable_bits;
  set_computed_by(config);
  return config;
}

}  // namespace hourglass::tools
