#pragma once

#include <cstdint>
#include <string>

#include "ae/model/autoencoder.h"
#include "nn/data/data_set.h"
#include "nn/train/train_options.h"

namespace hourglass::ae {

// Writes a model's parameters as safetensors, by name, with its spec as the metadata "spec": the file
// alone is the model. Equal models leave equal bytes. Throws FileError where it cannot be written.
void save_model(const std::string& path, const Autoencoder& model,
                Durability durability = Durability::kFast);
// The SHA-256 hash of that file, which need not be written.
std::string model_sha256(const Autoencoder& model);

// The model of such a file. Throws FileError where it has no spec, and as the function below does.
Autoencoder load_model(const std::string& path);

// A model of the given spec with the parameters of a file. Throws FileError naming a parameter that
// is missing, unknown, or of another shape or dtype.
Autoencoder load_model(const std::string& path, const Spec& spec);

// What a run folder's config.json says of how it is written, as "format". Folders from before there
// were formats have none and are read, too.
inline constexpr std::int64_t kRunFormat = 3;
void check_run_format(std::int64_t format);  // Error, with both, for one that is newer

// What a run folder says of a model, made by an objective of one's own, say.
struct RunNotes {
  std::string model = "own";                 // its name
  nn::DataKind kind = nn::DataKind::kImage;  // what an example is
  std::string data = "-";                    // the path that it was learnt from; "-": none
  std::int64_t steps = 0;                    // updates
  std::string outcome = "done";              // how its training ended
  nn::TrainOptions training = {};
};

// Writes a run folder, config.json and model.safetensors, for load_run and the program's commands;
// `evaluate` leaves out what the objective says where the program has no model of that name. Throws
// FileError where the folder exists already or cannot be written.
void save_run(const std::string& folder, const Autoencoder& model, const RunNotes& notes = {});

// A model from its run folder: `spec` of config.json and model.safetensors. Throws FileError where
// one of them is missing, newer than this version or not what it should be.
Autoencoder load_run(const std::string& folder);

}  // namespace hourglass::ae
