#include "ae/model/model_file.h"

#include <fmt/core.h>

#include "nn/layers/model_file.h"
#include "nn/train/train_fields.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/new_folder.h"
#include "tensor/files/safetensors.h"
#include "tensor/kernels.h"

namespace hourglass::ae {

using namespace internal;

void save_model(const std::string& path, const Autoencoder& model, Durability durability) {
  Autoencoder shared = model;  // handles to the same parameters, which a visit may write to
  nn::save_parameters(path, nn::named_parameters(shared), {{"spec", to_json(model.spec)}},
                      durability);
}

std::string model_sha256(const Autoencoder& model) {
  Autoencoder shared = model;
  return nn::parameters_sha256(nn::named_parameters(shared), {{"spec", to_json(model.spec)}});
}

Autoencoder load_model(const std::string& path) {
  const std::map<std::string, std::string> metadata = safetensors_metadata(path);
  const auto spec = metadata.find("spec");
  if (spec == metadata.end()) {
    throw FileError(fmt::format(
        "load_model: {}: its metadata have no spec: say which, or load the run's folder", path));
  }
  try {
    return load_model(path, spec_from_json(spec->second));
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("load_model: {}: {}", path, error.what()));
  }
}

Autoencoder load_model(const std::string& path, const Spec& spec) {
  // Against a spec that the file does not fit before memory is asked for.
  Autoencoder measured = measured_autoencoder(spec);
  const std::vector<Tensor> read = nn::read_parameters(path, nn::named_parameters(measured));
  Autoencoder model = make_autoencoder(spec, 0);
  const std::vector<Var> parameters = model.parameters();
  for (std::size_t i = 0; i < read.size(); ++i) parameters[i].assign(read[i]);
  return model;
}

void check_run_format(std::int64_t format) {
  if (format < 1) throw Error(fmt::format("format: must be at least 1: got {}", format));
  if (format <= kRunFormat) return;
  throw Error(
      fmt::format("its format is {}, newer than {}, which this version reads", format, kRunFormat));
}

void save_run(const std::string& folder, const Autoencoder& model, const RunNotes& notes) {
  nn::TrainOptions training = notes.training;
  training.batch = training.batch.value_or(1);  // one that was left to the data is not known here
  const Json config = {{"format", kRunFormat},
                       {"model", notes.model},
                       {"data", notes.data},
                       {"source", notes.data == "-" ? "data of its own" : notes.data},
                       {"kind", name_of(notes.kind)},
                       {"steps", notes.steps},
                       {"outcome", notes.outcome},
                       {"spec", parse_json(to_json(model.spec))},
                       {"training", fields_json(training, nn::train_fields())},
                       {"computed_by",
                        {{"cpu_target", kernels::cpu_target()},
                         {"blas", kernels::blas_description()},
                         {"portable_bits", kernels::portable_bits()}}}};
  NewFolder made(folder, "save_run");
  save_model(made.file("model.safetensors"), model);
  write_text(made.file("config.json"), json_text(config, 2) + "\n", "save_run");
  made.commit();
}

Autoencoder load_run(const std::string& folder) {
  const std::string path = folder + "/config.json";
  const std::string text = read_text(path, "load_run");
  try {
    const Json config = parse_json(text);
    if (!config.is_object() || !config.contains("spec")) {
      throw Error("expected a JSON object with a spec");
    }
    check_run_format(member<std::int64_t>(config, "format", kRunFormat));
    return load_model(folder + "/model.safetensors", spec_from_json(json_text(config["spec"])));
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("load_run: {}: {}", path, error.what()));
  }
}

}  // namespace hourglass::ae
