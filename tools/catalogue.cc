#include "tools/catalogue.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "tensor/error.h"

namespace hourglass::tools {
namespace {

using nn::Activation;

ae::Spec linear_spec(std::int64_t input_width) {
  ae::Spec spec;
  spec.encoder = {input_width, 30};
  spec.hidden = spec.code = spec.output = Activation::kIdentity;
  return spec;
}

ae::Spec dense_spec(std::int64_t input_width) {
  ae::Spec spec;
  spec.encoder = {input_width, 32};
  spec.code = Activation::kRelu;
  spec.loss = ae::Loss::kBce;
  return spec;
}

ae::Spec deep_spec(std::int64_t input_width) {
  ae::Spec spec;
  spec.encoder = {input_width, 1000, 500, 250, 30};
  spec.init = nn::Init::kKaimingUniform;  // keeps the scale of ReLU layers
  spec.loss = ae::Loss::kBce;
  return spec;
}

// How many letters must change to make one word the other (Levenshtein).
std::size_t distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({replaced, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

const std::vector<ModelEntry>& catalogue() {
  static const std::vector<ModelEntry> entries = {
      {"pca", "principal components, solved by an eigen-decomposition; the yardstick of the others",
       linear_spec, false, 0, ae::Schedule::kConstant},
      {"linear", "one linear layer each way, squared error: learns the space that PCA finds",
       linear_spec, true, 20, ae::Schedule::kCosine},
      {"dense", "one ReLU code layer and a sigmoid output, binary cross-entropy", dense_spec, true,
       10, ae::Schedule::kCosine},
      {"deep", "784-1000-500-250-30 and back, ReLU, as Hinton & Salakhutdinov 2006 laid it out",
       deep_spec, true, 10, ae::Schedule::kCosine},
  };
  return entries;
}

const ModelEntry& find_model(const std::string& name) {
  const ModelEntry* nearest = nullptr;
  std::string known;
  for (const ModelEntry& entry : catalogue()) {
    if (entry.name == name) return entry;
    if (!nearest || distance(entry.name, name) < distance(nearest->name, name)) nearest = &entry;
    known += (known.empty() ? "" : ", ") + entry.name;
  }
  throw Error(fmt::format("train: there is no model named {}: did you mean {}? Known are {}", name,
                          nearest->name, known));
}

ae::Spec make_spec(const ModelEntry& entry, const ModelOptions& options, std::int64_t input_width) {
  ae::Spec spec = entry.spec(input_width);
  if (options.hidden) {
    if (!entry.trained && !options.hidden->empty()) {
      throw Error(fmt::format("train: {} has no hidden layers: leave out --hidden", entry.name));
    }
    const std::int64_t code = spec.code_width();
    spec.encoder = {input_width};
    spec.encoder.insert(spec.encoder.end(), options.hidden->begin(), options.hidden->end());
    spec.encoder.push_back(code);
  }
  if (options.code) spec.encoder.back() = *options.code;
  if (options.loss) spec.loss = ae::loss_named(*options.loss);
  if (options.activation) spec.hidden = nn::activation_named(*options.activation);
  if (!entry.trained && (options.loss || options.activation || options.tied)) {
    throw Error(
        fmt::format("train: {} is solved, not trained: --loss, --activation and --tied do not "
                    "apply",
                    entry.name));
  }
  spec.tied = options.tied;
  check(spec);
  return spec;
}

}  // namespace hourglass::tools
