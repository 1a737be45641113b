#include "ae/model/model_file.h"

#include <fmt/core.h>

#include "nn/layers/model_file.h"
#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"

namespace hourglass::ae {

using namespace internal;

Autoencoder load_model(const std::string& path, const Spec& spec) {
  Autoencoder model = make_autoencoder(spec, 0);
  nn::load_parameters(path, nn::named_parameters(model));
  return model;
}

void check_run_format(std::int64_t format) {
  if (format <= kRunFormat) return;
  throw Error(
      fmt::format("its format is {}, newer than {}, which this version reads", format, kRunFormat));
}

Autoencoder load_run(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const std::string text = read_text(path, "load_run");
  const Json config = Json::parse(text, nullptr, false);
  if (!config.is_object() || !config.contains("spec")) {
    throw FileError(fmt::format("load_run: {}: expected a JSON object with a spec", path));
  }
  std::int64_t format = 0;
  try {
    FieldType<std::int64_t>::read("format", value_of("format", config.value("format", Json(0))),
                                  format);
    check_run_format(format);
    return load_model(folder + "/model.safetensors", spec_from_json(config["spec"].dump()));
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("load_run: {}: {}", path, error.what()));
  }
}

}  // namespace hourglass::ae
