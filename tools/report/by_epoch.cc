#include "tools/report/by_epoch.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tensor/files/atomic_file.h"
#include "tensor/files/images.h"
#include "tensor/files/json_fields.h"
#include "tools/pictures.h"
#include "tools/report/data_uri.h"
#include "tools/report/journal.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr std::int64_t kFollowed = 10, kFollowedSide = 32;
constexpr int kWhole = 32;  // epochs of which all are shown

std::string path_of_reconstructions(const std::string& folder) {
  return folder + "/reconstructions.jsonl";
}

std::string line_of(const Json& json) { return json_text(json) + "\n"; }

// One line of images [N, C, H, W].
std::string picture_of(const Tensor& images) {
  const Tensor small = reduced(pictures(images), kFollowedSide);
  return png_uri(image_grid(small, {.columns = static_cast<int>(small.shape()[0]), .gap = 1}));
}

bool is_shown(int epoch, int epochs) {
  int every = 1;
  while (epoch > kWhole * every) every *= 2;
  return epoch % every == 0 || epoch == epochs;
}

Graph reconstruction(const ae::Autoencoder& model, const ae::Batch& batch) {
  return {{model.unscaled(model.reconstruct(model.scaled(batch.images), batch.labels))}, {}};
}

}  // namespace

ReconstructionsByEpoch::ReconstructionsByEpoch(const std::string& folder,
                                               const ae::Autoencoder& model,
                                               const nn::DataParts& data, int epochs)
    : path_(path_of_reconstructions(folder)),
      epochs_(epochs),
      program_([model](const std::vector<Var>& inputs) {
        return reconstruction(model, ae::batch_of(inputs));
      }) {
  const nn::DataSet& part = data.validation.examples.defined() ? data.validation : data.train;
  if (part.kind != nn::DataKind::kImage) return;
  const nn::DataSet few = part.range(0, std::min(kFollowed, part.count()));
  examples_ = ae::tensors_of(examples_of(model.spec, few));
  shape_ = few.examples.shape();
}

std::string ReconstructionsByEpoch::begin(int epoch) const {
  if (!std::filesystem::exists(path_)) {
    return line_of({{"originals", picture_of(examples_[0].reshape(shape_))}});
  }
  std::string kept;
  for (const Json& line : journal("train", path_)) {
    if (line.value("epoch", 0) < epoch) kept += line_of(line);
  }
  return kept;
}

void ReconstructionsByEpoch::add(int epoch) {
  if (examples_.empty() || !is_shown(epoch, epochs_)) return;
  if (text_.empty()) text_ = begin(epoch);
  const Tensor back = program_.run(examples_)[0];
  text_ += line_of({{"epoch", epoch}, {"picture", picture_of(back.reshape(shape_))}});
  write_text(path_, text_, "train");
}

Json reconstructions_by_epoch(const char* who, const std::string& folder) {
  if (!std::filesystem::exists(path_of_reconstructions(folder))) return nullptr;
  Json lines = journal(who, path_of_reconstructions(folder));
  if (lines.size() < 2) return nullptr;
  const Json originals = lines[0]["originals"];
  lines.erase(0);
  return {{"originals", originals}, {"epochs", lines}};
}

}  // namespace hourglass::tools
