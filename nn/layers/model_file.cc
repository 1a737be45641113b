#include "nn/layers/model_file.h"

#include <fmt/core.h>

#include <cmath>
#include <map>

#include "tensor/error.h"
#include "tensor/files/safetensors.h"
#include "tensor/files/sha256.h"

namespace hourglass::nn {
namespace {

std::vector<NamedTensor> stored_tensors(const std::vector<NamedParameter>& parameters) {
  std::vector<NamedTensor> tensors;
  for (const NamedParameter& p : parameters) tensors.push_back({p.name, p.parameter.tensor()});
  return tensors;
}

void check_finite(const std::string& path, const std::string& name, const Tensor& t) {
  for (std::int64_t i = 0; i < t.elements(); ++i) {
    if (std::isfinite(t.at(i))) continue;
    throw FileError(fmt::format("load_model: {}: {}: number {} is {}: expected finite numbers",
                                path, name, i, t.at(i)));
  }
}

}  // namespace

void save_parameters(const std::string& path, const std::vector<NamedParameter>& parameters,
                     const std::map<std::string, std::string>& metadata, Durability durability) {
  write_safetensors(path, stored_tensors(parameters), metadata, durability);
}

std::string parameters_sha256(const std::vector<NamedParameter>& parameters,
                              const std::map<std::string, std::string>& metadata) {
  internal::Sha256 hash;
  write_safetensors(hash, stored_tensors(parameters), metadata);
  return hash.hex();
}

std::vector<Tensor> read_parameters(const std::string& path,
                                    const std::vector<NamedParameter>& parameters) {
  std::vector<Tensor> read;
  std::map<std::string, Tensor> found;
  for (const NamedTensor& t : read_safetensors(path).tensors) found[t.name] = t.value;
  for (const auto& [name, parameter, role] : parameters) {
    const auto entry = found.find(name);
    if (entry == found.end()) {
      throw FileError(fmt::format("load_model: {}: there is no tensor named {}: expected f32 {}",
                                  path, name, to_string(parameter.shape())));
    }
    const Tensor& t = entry->second;
    if (t.shape() != parameter.shape() || t.dtype() != parameter.dtype()) {
      throw FileError(fmt::format("load_model: {}: {} is {} {}: expected {} {}", path, name,
                                  name_of(t.dtype()), to_string(t.shape()),
                                  name_of(parameter.dtype()), to_string(parameter.shape())));
    }
    check_finite(path, name, t);
    read.push_back(t);
    found.erase(entry);
  }
  if (!found.empty()) {
    throw FileError(
        fmt::format("load_model: {}: holds a tensor that the model has no place for: {}", path,
                    found.begin()->first));
  }
  return read;
}

void load_parameters(const std::string& path, const std::vector<NamedParameter>& parameters) {
  const std::vector<Tensor> read = read_parameters(path, parameters);
  for (std::size_t i = 0; i < read.size(); ++i) parameters[i].parameter.assign(read[i]);
}

}  // namespace hourglass::nn
