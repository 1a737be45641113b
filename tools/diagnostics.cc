#include "tools/diagnostics.h"

#include <nlohmann/json.hpp>

namespace hourglass::tools {
namespace {

Json object_of(const std::vector<nn::NamedValue>& values) {
  Json j = Json::object();
  for (const nn::NamedValue& v : values) j[v.name] = v.value;
  return j;
}

}  // namespace

ae::CodeFunctions code_functions(const ae::Autoencoder& model) {
  ae::CodeFunctions f;
  f.encode = [&model](const ae::Batch& b) { return model.encode(b.images, b.labels).code; };
  f.scaled = [&model](const Var& stored) { return model.scaled(stored); };
  f.reconstruct = [&model](const ae::Batch& b) { return model.reconstruct(b.images, b.labels); };
  if (model.spec.gaussian()) {
    f.posterior = [&model](const ae::Batch& b) {
      const ae::Posterior q = model.encode(b.images, b.labels).posterior;
      return std::pair{q.mean, q.log_variance};
    };
  }
  return f;
}

void add_code(Json& line, const ae::CodeStatistics& code) {
  line["active_units"] = code.active_units;
  line["dead_units"] = code.dead_units;
  line["code_zeros"] = code.zeros;
  line["code_sparseness"] = code.sparseness;
}

void add_diagnostics(Json& line, nn::DataKind kind, const ae::Diagnostics& diagnostics) {
  line["gradient_norms"] = object_of(named_for(kind, diagnostics.gradient_norms));
  add_code(line, diagnostics.code);
  line["jacobian_norm"] = diagnostics.jacobian_norm;
  line["noise_tolerance"] = object_of(diagnostics.noise_tolerance);
  if (!diagnostics.kl_per_dimension.empty())
    line["kl_per_dimension"] = diagnostics.kl_per_dimension;
}

void add_scales(Json& line, nn::DataKind kind, const std::vector<nn::NamedValue>& terms,
                const ae::Spec& spec) {
  const double pixels = static_cast<double>(spec.input_width());
  const double units = static_cast<double>(spec.code_width());
  Json example = Json::object(), dimension = Json::object();
  for (const auto& [name, value, unit] : named_for(kind, terms)) {
    example[name] = unit == nn::Unit::kInputMean ? value * pixels : value;
    if (unit == nn::Unit::kInputMean) dimension[name] = value;
    if (unit == nn::Unit::kInputSum) dimension[name] = value / pixels;
    if (unit == nn::Unit::kCodeSum) dimension[name] = value / units;
  }
  line[kind == nn::DataKind::kImage ? "terms_per_image" : "terms_per_example"] = example;
  line["terms_per_dimension"] = dimension;
}

}  // namespace hourglass::tools
