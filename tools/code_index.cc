#include "tools/code_index.h"

#include <fmt/core.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "ae/model/model_file.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/safetensors.h"
#include "tools/example_files.h"

namespace hourglass::tools {

using namespace internal;

namespace {

[[noreturn]] void damaged(const std::string& path, const std::string& what) {
  throw FileError(
      fmt::format("index: {}: {}: hourglass index RUN DATA makes it again", path, what));
}

// A tensor of the file, of these sizes.
Tensor member_of(const std::string& path, const Safetensors& file, const char* name, DType dtype,
                 const Shape& shape) {
  const Tensor* found = file.find(name);
  if (found == nullptr) damaged(path, fmt::format("has no {}", name));
  if (found->dtype() != dtype || found->shape() != shape) {
    damaged(path,
            fmt::format("{}: expected {} {}: got {} {}", name, name_of(dtype), to_string(shape),
                        name_of(found->dtype()), to_string(found->shape())));
  }
  return *found;
}

std::string noted(const Safetensors& file, const char* name) {
  const auto found = file.metadata.find(name);
  return found == file.metadata.end() ? "" : found->second;
}

}  // namespace

std::string index_path(const std::string& run) {
  return (std::filesystem::path(run) / "index.safetensors").string();
}

void write_index(const std::string& run, const ae::Autoencoder& model, const CodeIndex& index) {
  std::vector<NamedTensor> tensors = {{"codes", index.codes}, {"medians", index.medians}};
  if (index.labels.defined()) tensors.push_back({"labels", index.labels});
  write_safetensors(index_path(run), tensors,
                    {{"model", ae::model_sha256(model)},
                     {"data", json_text(Json(index.paths))},
                     {"checksum", index.checksum}});
}

CodeIndex read_index(const std::string& run, const ae::Autoencoder& model) {
  const std::string path = index_path(run);
  if (!std::filesystem::exists(path)) {
    throw Error(fmt::format("index: {}: has none yet: hourglass index RUN DATA makes it", run));
  }
  const Safetensors file = read_safetensors(path);
  const std::string own = ae::model_sha256(model), other = noted(file, "model");
  if (other != own) {
    damaged(path, fmt::format("is of another model: SHA-256 {:.12} in the index, {:.12} of the run",
                              other.empty() ? "none" : other, own));
  }
  CodeIndex index;
  const std::int64_t width = model.spec.code_width();
  const Tensor* codes = file.find("codes");
  const std::int64_t count = codes != nullptr && codes->shape().rank() > 0 ? codes->shape()[0] : 0;
  index.codes = member_of(path, file, "codes", DType::kF32, Shape{count, width});
  index.medians = member_of(path, file, "medians", DType::kF32, Shape{width});
  if (file.find("labels")) {
    index.labels = member_of(path, file, "labels", DType::kI32, Shape{count});
  }
  if (count == 0) damaged(path, "holds no codes");
  index.paths = reading(
      path, [&] { return parse_json(noted(file, "data")).get<std::vector<std::string>>(); });
  index.checksum = noted(file, "checksum");
  return index;
}

nn::DataSet indexed_examples(const RunConfig& config, const CodeIndex& index) {
  const nn::RawData data = read_examples("search", index.paths, config);
  const std::string found = nn::checksum(data);
  if (found != index.checksum) {
    throw Error(
        fmt::format("search: the data are others than the index's: CRC-32 {} in the index, "
                    "{} of {}",
                    index.checksum, found, data.all.source));
  }
  return examples_in(data, config.reading);
}

}  // namespace hourglass::tools
