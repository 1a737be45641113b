#include "tools/run_data.h"

#include <fmt/core.h>

#include "nn/train/train_options.h"
#include "tensor/error.h"
#include "tools/describe.h"
#include "tools/say.h"
#include "tools/train_config.h"

namespace hourglass::tools {

using namespace internal;

namespace {

// A split that was not asked for is that of split(): --validation may have taken its place.
nn::SplitOptions split_of(const RunConfig& config, const nn::RawData& data) {
  nn::SplitOptions options = test_split(config);
  if (config.reading.window > 0) return options;
  options.images = config.images;
  const bool usual = config.split == std::vector<std::int64_t>{80, 10, 10};
  if (!data.test && !usual) return options;
  options.percent.reset();
  options.validation = config.validation;
  return options;
}

}  // namespace

RunData read_run_data(const RunConfig& config) {
  RunData data;
  data.raw = load_data(config.data, config.reading);
  const std::string found = nn::checksum(data.raw);
  if (found != config.checksum) {
    throw Error(
        fmt::format("train: the data are others than the run's: CRC-32 {} in its "
                    "config.json, {} of {}",
                    config.checksum, found, data.raw.all.source));
  }
  data.parts = nn::split(data.raw, split_of(config, data.raw));
  return data;
}

void check_trainable(const RunConfig& config, const RunData& data) {
  if (config.trained) {
    nn::check_training_memory(ae::measured_parameters(config.spec), config.options);
  }
  for (const nn::DataSet* part : {&data.parts.train, &data.parts.test}) {
    examples_of(config.spec, *part);
  }
}

void say_beginning(const RunConfig& config, const RunData& data) {
  const nn::DataParts& parts = data.parts;
  for (const std::string& note : data.raw.notes) say("{}\n", printable(note));
  say("{}: {} training and {} ({})\n", config.model, parts.train.count(),
      counted(parts.test.count(), parts.train, "test "), data.raw.all.source);
  if (config.validation > 0) {
    say("{}\n", counted(config.validation, parts.train.kind, "validation "));
  }
  say("{}", taken_text(config.spec, config.kind));
  say("{}", missing_text(nn::missing_classes(data.raw, parts.train), data.raw.all));
}

}  // namespace hourglass::tools
