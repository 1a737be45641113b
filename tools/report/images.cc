#include "tools/report/images.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ae/measure/latent.h"
#include "autograd/ops/ops.h"
#include "tensor/counted.h"
#include "tensor/files/images.h"
#include "tools/labels.h"
#include "tools/pictures.h"
#include "tools/prior.h"
#include "tools/reasons.h"
#include "tools/report/data_uri.h"

namespace hourglass::tools {
namespace {

constexpr std::size_t kExtremes = 12;      // best and worst
constexpr std::int64_t kLargestSide = 64;  // pixels of an image at most
constexpr std::int64_t kFilters = 64, kSamples = 64, kGrid = 12, kTraversed = 8, kSteps = 9;

Json sheet(const Tensor& pictures, std::int64_t columns, const std::string& caption) {
  const Tensor grid = image_grid(pictures, {.columns = static_cast<int>(columns), .gap = 1});
  return {{"picture", png_uri(grid)}, {"width", grid.shape()[1]}, {"caption", caption}};
}

Tensor small(const Tensor& images) { return reduced(pictures(images), kLargestSide); }

std::string uri_of(const Tensor& small, std::int64_t place) {
  const Tensor one = small.rows(place, place + 1);
  return png_uri(one.reshape(one.shape().without_axis(0)));
}

// Where a code is not held to a prior, a normal of the codes that were looked at.
Prior prior_of(const LoadedRun& run, const LookedAt& looked) {
  if (has_prior(run.config.spec)) {
    return {ae::standard_normal(run.config.spec.code_width()), "the prior"};
  }
  return {ae::fit_normal(looked.codes),
          fmt::format("a normal fitted to {}", internal::counted(looked.data.count(), "code"))};
}

// The units that vary most over the examples.
std::vector<std::int64_t> liveliest(const LookedAt& looked) {
  std::vector<std::int64_t> units;
  for (const std::size_t unit : largest_first(ae::deviations(ae::fit_normal(looked.codes)))) {
    if (units.size() == kTraversed) break;
    units.push_back(static_cast<std::int64_t>(unit));
  }
  return units;
}

Json traversal(const LoadedRun& run, const LookedAt& looked, const Prior& prior) {
  const std::vector<double> deviations = ae::deviations(prior.normal);
  std::vector<Var> rows;
  std::string names;
  for (const std::int64_t unit : liveliest(looked)) {
    const double middle = prior.normal.mean.at(unit);
    const double reach = 3 * deviations[static_cast<std::size_t>(unit)];
    rows.push_back(
        constant(ae::traverse(prior.normal.mean, unit, middle - reach, middle + reach, kSteps)));
    names += fmt::format("{}{}", names.empty() ? "" : ", ", unit);
  }
  const Tensor codes = concat(rows, 0).value();
  const Tensor labels = run.config.spec.classes > 0 ? same_label(0, codes.shape()[0]) : Tensor();
  return sheet(small(decoded(run, codes, labels)), kSteps,
               fmt::format("One unit at a time, over 3 deviations to either side of {}: units {}",
                           prior.name, names));
}

Json manifold_of(const LoadedRun& run, const Prior& prior) {
  const Tensor codes = ae::manifold(prior.normal, 0, 1, kGrid);
  const Tensor labels = run.config.spec.classes > 0 ? same_label(0, codes.shape()[0]) : Tensor();
  return sheet(small(decoded(run, codes, labels)), kGrid,
               fmt::format("Over both units of the code, at quantiles of {}", prior.name));
}

}  // namespace

Json best_and_worst(const LookedAt& looked) {
  if (looked.data.kind != nn::DataKind::kImage) return nullptr;
  const Tensor originals = small(looked.examples), back = small(looked.reconstructions);
  const std::vector<std::size_t> order = looked.order();
  const std::size_t n = std::min(kExtremes, order.size());
  Json best = Json::array(), worst = Json::array();
  for (std::size_t k = 0; k < n; ++k) {
    for (Json* list : {&best, &worst}) {
      const std::size_t place = list == &best ? order[k] : order[order.size() - 1 - k];
      Json one = known_of(looked, place);
      one["original"] = uri_of(originals, static_cast<std::int64_t>(place));
      one["reconstruction"] = uri_of(back, static_cast<std::int64_t>(place));
      list->push_back(one);
    }
  }
  return {{"best", best},
          {"worst", worst},
          {"of", looked.data.count()},
          {"score", "mean squared error of a pixel"}};
}

void add_generated(Json& report, const LoadedRun& run, const LookedAt& looked) {
  const ae::Spec& spec = run.config.spec;
  if (looked.data.kind != nn::DataKind::kImage || looked.data.count() < 2 || unpools(spec)) return;
  const Prior prior = prior_of(run, looked);
  if (spec.code_width() == 2) {
    report["manifold"] = manifold_of(run, prior);
  } else {
    report["traversal"] = traversal(run, looked, prior);
  }
  const bool in_turn = spec.classes > 0 && spec.classes <= 12;  // a class a column
  const std::int64_t columns = in_turn ? spec.classes : 8;
  const std::int64_t count = kSamples / columns * columns;
  const Tensor codes = ae::sample(prior.normal, count, key_of(0));
  report["samples"] = sheet(small(decoded(run, codes, labels_in_turn(spec, count))), columns,
                            "Samples: random codes of " + prior.name);
}

Json filters(const LoadedRun& run) {
  const ae::Autoencoder& model = run.model;
  if (run.config.kind != nn::DataKind::kImage) return nullptr;
  const bool conv = !model.conv_encoder.layers.empty();
  Tensor weight;  // [filters, C, H, W]
  if (conv) {
    weight = model.conv_encoder.layers[0].weight.tensor();
  } else {
    const nn::Linear& first =
        model.encoder.layers.empty() ? model.mean : model.encoder.layers[0].linear;
    const std::int64_t n = first.weight.size(0);
    // A class-conditional one has the classes behind the pixels.
    weight = slice(first.weight, 1, {0, run.config.spec.input_width()}).value();
    weight = weight.reshape(run.config.spec.example_shape().with_axis(0, n));
  }
  const std::int64_t n = weight.shape()[0], width = weight.elements() / n;
  std::vector<double> norms(static_cast<std::size_t>(n)), largest(norms.size());
  for (std::int64_t i = 0; i < weight.elements(); ++i) {
    const auto filter = static_cast<std::size_t>(i / width);
    norms[filter] += weight.at(i) * weight.at(i);
    largest[filter] = std::max(largest[filter], std::abs(weight.at(i)));
  }
  const std::vector<std::size_t> order = largest_first(norms);
  const std::int64_t shown = std::min(kFilters, n);
  Tensor grey(weight.shape().without_axis(0).with_axis(0, shown), DType::kF32);
  for (std::int64_t i = 0; i < grey.elements(); ++i) {
    const std::size_t filter = order[static_cast<std::size_t>(i / width)];
    const double w = weight.at(static_cast<std::int64_t>(filter) * width + i % width);
    const double scale = largest[filter] > 0 ? 0.5 / largest[filter] : 0;
    grey.data<float>()[i] = static_cast<float>(0.5 + scale * w);
  }
  return sheet(small(grey), 8,
               fmt::format("{} of the {}, by norm; grey is 0, each by its own largest weight",
                           shown, internal::counted(n, conv ? "filter" : "unit")));
}

}  // namespace hourglass::tools
