#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "ae/measure/metrics.h"
#include "ae/model/autoencoder.h"
#include "ae/model/train.h"
#include "nn/data/split.h"
#include "nn/train/evaluation.h"
#include "tools/data.h"

namespace hourglass::tools {

using Json = nlohmann::ordered_json;

inline constexpr const char* kUnderWay = "training";
inline constexpr const char* kStopped = "stopped";
inline const std::string kImported = "imported from ";  // which file

// What config.json says beside the spec: how the model was made.
struct RunConfig {
  std::string model;     // its name in the catalogue
  std::string data;      // as given to --data; empty: built-in digits
  std::string source;    // what was read: the folder, or "built-in digits"
  DataOptions reading;   // how they were read
  nn::Schema schema;     // and what others must have in common with them
  std::string checksum;  // of what was read
  nn::DataKind kind = nn::DataKind::kImage;
  std::vector<std::int64_t> split;  // percent of each part; empty: the data bring a test part
  std::uint64_t split_seed = 0;
  std::int64_t images = 0, validation = 0;  // how many were learnt from, and held out
  ae::Spec spec;
  nn::TrainOptions options;
  bool trained = true;
  int pretrain = 0;                 // epochs of each layer on its own, ahead of the whole
  bool diagnostics = true;          // whether an epoch ends with a look inside
  std::string init;                 // the run whose weights it began with; empty: fresh ones
  std::string init_sha256;          // the hash of those
  std::string outcome = kUnderWay;  // "done", "stopped", or why training ended
  std::int64_t steps = 0;
  int best_epoch = 0;                       // whose weights were kept; 0: the last one's
  std::string cpu_target, blas, libraries;  // what computed it
  std::string version;                      // of the program
  int threads = 0;
  bool portable_bits = false;
};

bool is_run(const std::string& folder);  // whether there is a config.json
bool is_path(const std::string& text);   // whether it is meant for a folder, not for a model's name

Json to_json(const RunConfig& config);
// Throws FileError naming what is wrong, and where there are no weights yet.
RunConfig read_config(const std::string& folder);
// The same of a run that may have none, by the path of its config.json.
RunConfig read_config_file(const std::string& path);

RunConfig config_from_json(const Json& json);  // Error

bool is_finished(const RunConfig& config);  // whether its training ended by itself
// Whether its training was killed: it has not ended, and no process holds the folder.
bool was_killed(const RunConfig& config, const std::string& folder);
std::string resume_command(const std::string& folder);  // what goes on with it
bool goes_on(const RunConfig& config);                  // whether it may be trained for more epochs

// How other data for the model are read: as its own were, where nothing else is said.
DataOptions reading_of(const RunConfig& config);

// How the data were divided, as far as the test part goes.
nn::SplitOptions test_split(const RunConfig& config);

// Throws Error, naming the command, where the examples are of another kind or shape than the
// model's.
void check_examples(const char* who, const RunConfig& config, const nn::DataSet& data,
                    const Shape& example);

// What is no image has "kl" and "sse", sums over an example, not "kl_per_image".
std::vector<nn::NamedValue> named_for(nn::DataKind kind, std::vector<nn::NamedValue> figures);

// One line of metrics.jsonl: epoch, split, loss, terms by name, what each adds to the loss
// (loss_parts), then the other metrics; all named for the kind.
Json metrics_line(nn::DataKind kind, int epoch, const std::string& split,
                  const nn::ObjectiveMeans& means, const std::vector<nn::NamedValue>& metrics = {});

// Originals over reconstructions: the first images of a set, u8 [H, W] enlarged.
Tensor reconstruction_sheet(const ae::Autoencoder& model, const nn::DataSet& images,
                            std::int64_t columns);

// What a model reads of a data set: the labels only where it is class-conditional. Throws Error where it
// is and there are none, or one is out of range.
ae::Examples examples_of(const ae::Spec& spec, const nn::DataSet& data);

}  // namespace hourglass::tools
