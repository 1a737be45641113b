#include "tools/inside.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

namespace hourglass::tools {
namespace {

Json object_of(const std::vector<nn::NamedValue>& values) {
  Json j = Json::object();
  for (const nn::NamedValue& v : values) j[v.name] = v.value;
  return j;
}

bool is_pixel_mean(const std::string& term) {
  constexpr std::array names = {ae::Loss::kMse, ae::Loss::kBce, ae::Loss::kCorrentropy,
                                ae::Loss::kGaussian};
  for (ae::Loss loss : names) {
    if (term == ae::name_of(loss)) return true;
  }
  return false;
}

// Terms that are sums over the code's units, means over images. Others, such as a discriminator's
// judgement of the whole code or a distance between distributions, have no value of a dimension.
bool is_sum_over_units(const std::string& term) {
  constexpr std::array<std::string_view, 8> names = {
      "kl_per_image", "l1", "kl", "contractive", "hutchinson", "caeh", "codebook", "commitment"};
  return std::find(names.begin(), names.end(), term) != names.end();
}

}  // namespace

ae::CodeFunctions code_functions(const ae::Autoencoder& model) {
  ae::CodeFunctions f;
  f.encode = [&model](const ae::Batch& b) { return model.encode(b.images, b.labels); };
  f.reconstruct = [&model](const ae::Batch& b) { return model.reconstruct(b.images, b.labels); };
  if (model.spec.rule.kind == ae::Rule::kGaussian) {
    f.posterior = [&model](const ae::Batch& b) {
      const ae::Posterior q = model.posterior(b.images, b.labels);
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

void add_inside(Json& line, const ae::Inside& inside) {
  line["gradient_norms"] = object_of(inside.gradient_norms);
  add_code(line, inside.code);
  line["jacobian_norm"] = inside.jacobian_norm;
  line["noise_tolerance"] = object_of(inside.noise_tolerance);
  if (!inside.kl_per_dimension.empty()) line["kl_per_dimension"] = inside.kl_per_dimension;
}

void add_scales(Json& line, const std::vector<nn::NamedValue>& terms, const ae::Spec& spec) {
  const double pixels = static_cast<double>(spec.input_width());
  const double units = static_cast<double>(spec.code_width());
  Json image = Json::object(), dimension = Json::object();
  for (const auto& [name, value] : terms) {
    if (is_pixel_mean(name)) {
      image[name] = value * pixels;
      dimension[name] = value;
      continue;
    }
    image[name] = value;
    if (is_sum_over_units(name)) {
      dimension[name] = value / units;
    } else if (name.ends_with("_per_image")) {
      dimension[name] = value / pixels;
    }
  }
  line["terms_per_image"] = image;
  line["terms_per_dimension"] = dimension;
}

}  // namespace hourglass::tools
