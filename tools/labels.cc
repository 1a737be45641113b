#include "tools/labels.h"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/idx.h"
#include "tensor/files/npy.h"
#include "tools/run_folder.h"

namespace hourglass::tools {
namespace {

// The labels beside MNIST's images, where they are there.
std::optional<std::string> partner_of(const std::string& images) {
  const std::string mine = "images-idx3", theirs = "labels-idx1";
  const std::size_t at = images.rfind(mine);
  if (at == std::string::npos) return std::nullopt;
  std::string path = std::string(images).replace(at, mine.size(), theirs);
  if (!std::filesystem::exists(path)) return std::nullopt;
  return path;
}

Tensor read_labels(const std::string& path, std::int64_t count, std::int64_t classes) {
  const Tensor read = path.ends_with(".npy") ? read_npy(path) : read_idx(path);
  if (read.shape() != Shape{count}) {
    throw FileError(fmt::format("labels: {}: expected a label an example or code, {}: got {}", path,
                                to_string(Shape{count}), to_string(read.shape())));
  }
  Tensor labels(Shape{count}, DType::kI32);
  for (std::int64_t i = 0; i < count; ++i) {
    const double label = read.at(i);
    const bool whole = !std::isfinite(label) || label == std::floor(label);
    if (!whole || !(label >= 0 && label < static_cast<double>(classes))) {
      throw FileError(fmt::format("labels: {}: label {} is {}: expected {}0 to {}", path, i, label,
                                  whole ? "" : "a whole number from ", classes - 1));
    }
    labels.data<std::int32_t>()[i] = static_cast<std::int32_t>(label);
  }
  return labels;
}

}  // namespace

void add_class_option(const Command& command, LabelArguments& labels) {
  command.add_option("--class,--label", labels.one,
                     "The class of all, for a class-conditional model");
}

void add_label_options(const Command& command, LabelArguments& labels) {
  add_class_option(command, labels);
  command.add_option("--labels", labels.file,
                     "The class of each: IDX or NPY [N] (nothing: the labels-idx1 file beside "
                     "images-idx3)");
}

Tensor same_label(std::int64_t label, std::int64_t count) {
  return Tensor::full(Shape{count}, static_cast<double>(label), DType::kI32);
}

Tensor labels_in_turn(const ae::Spec& spec, std::int64_t count) {
  if (spec.classes == 0) return {};
  Tensor labels(Shape{count}, DType::kI32);
  for (std::int64_t i = 0; i < count; ++i) {
    labels.data<std::int32_t>()[i] = static_cast<std::int32_t>(i % spec.classes);
  }
  return labels;
}

Tensor labels_of(const char* who, const ae::Spec& spec, const LabelArguments& arguments,
                 std::int64_t count, const std::string& images) {
  if (spec.classes == 0) {
    if (arguments.one || arguments.file) throw Error("label: the model is not class-conditional");
    return {};
  }
  if (arguments.one && arguments.file) {
    throw Error(fmt::format("{}: --class and --labels say the same: leave one out", who));
  }
  if (arguments.one) {
    if (*arguments.one >= 0 && *arguments.one < spec.classes) {
      return same_label(*arguments.one, count);
    }
    throw Error(fmt::format("label: expected 0 to {}: got {}", spec.classes - 1, *arguments.one));
  }
  const std::optional<std::string> file = arguments.file ? arguments.file : partner_of(images);
  if (file) return read_labels(*file, count, spec.classes);
  throw Error(
      fmt::format("{}: the model is conditional on {} and there are no labels: say which, as "
                  "in --class 3",
                  who, internal::counted(spec.classes, "class")));
}

Tensor labels_of(const char* who, const ae::Spec& spec, const LabelArguments& arguments,
                 const nn::DataSet& data, const std::string& path) {
  const bool own = spec.classes > 0 && data.labels.defined() && !arguments.one && !arguments.file;
  if (own) return examples_of(spec, data).labels;
  return labels_of(who, spec, arguments, data.count(), path);
}

}  // namespace hourglass::tools
