#include "tools/report/latent.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "ae/measure/code_metrics.h"
#include "ae/model/pca.h"
#include "autograd/ops/ops.h"
#include "tensor/files/images.h"
#include "tools/data.h"
#include "tools/example_files.h"
#include "tools/pictures.h"
#include "tools/reasons.h"
#include "tools/report/data_uri.h"

namespace hourglass::tools {
namespace {

constexpr std::int64_t kPoints = 1000, kSheetColumns = 32;
constexpr std::int64_t kSheetSide = 48;         // pixels of an example
constexpr std::int64_t kSheetPixels = 1600000;  // of all of them, originals or reconstructions
constexpr std::int64_t kTraceNumbers = 400000;  // of all windows, originals or reconstructions
constexpr std::size_t kWidest = 256;            // units whose principal components are looked for

using Range = std::pair<double, double>;  // least, greatest

struct Plane {
  Tensor places;  // f64 [N, 2]
  std::vector<std::string> axes;
};

Tensor unit_columns(const Tensor& codes, const std::vector<std::size_t>& units) {
  const std::int64_t n = codes.shape()[0], width = codes.shape()[1];
  const auto kept = static_cast<std::int64_t>(units.size());
  Tensor result(Shape{n, kept}, DType::kF64);
  for (std::int64_t i = 0; i < result.elements(); ++i) {
    const std::size_t unit = units[static_cast<std::size_t>(i % kept)];
    result.data<double>()[i] = codes.at(i / kept * width + static_cast<std::int64_t>(unit));
  }
  return result;
}

// A code of one unit lies beside the error.
Plane plane_of_one(const LookedAt& looked) {
  Tensor places(Shape{looked.codes.shape()[0], 2}, DType::kF64);
  for (std::int64_t i = 0; i < places.shape()[0]; ++i) {
    places.data<double>()[2 * i] = looked.codes.at(i);
    places.data<double>()[2 * i + 1] = looked.scores[static_cast<std::size_t>(i)];
  }
  return {places, {"unit 0", "error"}};
}

Plane plane_of(const LookedAt& looked) {
  const auto width = static_cast<std::size_t>(looked.codes.shape()[1]);
  if (width == 1) return plane_of_one(looked);
  if (width == 2) return {unit_columns(looked.codes, {0, 1}), {"unit 0", "unit 1"}};
  std::vector<std::size_t> units = largest_first(ae::code_statistics(looked.codes).variances);
  units.resize(std::min(width, kWidest));
  const Tensor codes = unit_columns(looked.codes, units);
  const ae::Pca pca = ae::fit_pca(codes, {.scale = ae::Scale::kNone});
  double whole = 0;
  for (const double variance : pca.variances.values()) whole += variance;
  Plane plane;
  plane.places = matmul(constant(codes), transpose(constant(pca.components.rows(0, 2)))).value();
  for (int k = 0; k < 2; ++k) {
    const double share = whole > 0 ? 100 * pca.variances.at(k) / whole : 0;
    plane.axes.push_back(
        fmt::format("principal component {} ({:.0f} % of the variance)", k + 1, share));
  }
  return plane;
}

Tensor selected(const nn::Rows& rows, const std::vector<std::int32_t>& places) {
  return rows.select(places).tensor();
}

// All examples of a set in one picture, and where each is in it.
Json sheets_of(const LookedAt& looked, const std::vector<std::int32_t>& shown) {
  const Tensor originals = reduced(pictures(selected(looked.examples, shown)), kSheetSide);
  const GridOptions options{.columns = kSheetColumns, .gap = 0};
  const auto picture = [&](const Tensor& images) { return png_uri(image_grid(images, options)); };
  return {{"width", originals.shape()[2]},
          {"height", originals.shape()[1]},
          {"columns", kSheetColumns},
          {"originals", picture(originals)},
          {"reconstructions",
           picture(reduced(pictures(selected(looked.reconstructions, shown)), kSheetSide))}};
}

// Windows of a series as pictures, a channel a line and a step a column: 1 to 255 from the least to
// the greatest of the originals, 0 where there is none.
Tensor traces(const Tensor& windows, const std::vector<Range>& ranges) {
  Tensor bytes(windows.shape(), DType::kU8);
  const std::int64_t channels = windows.shape()[1], steps = windows.shape()[2];
  for (std::int64_t i = 0; i < windows.elements(); ++i) {
    const auto& [least, greatest] = ranges[static_cast<std::size_t>(i / steps % channels)];
    const double span = greatest > least ? greatest - least : 1, value = windows.at(i);
    bytes.data<std::uint8_t>()[i] =
        std::isnan(value) ? 0
                          : static_cast<std::uint8_t>(std::lround(
                                1 + 254 * std::clamp((value - least) / span, 0.0, 1.0)));
  }
  return bytes;
}

std::vector<Range> channel_ranges(const Tensor& windows) {
  const std::int64_t channels = windows.shape()[1], steps = windows.shape()[2];
  std::vector<Range> ranges(
      static_cast<std::size_t>(channels),
      {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()});
  for (std::int64_t i = 0; i < windows.elements(); ++i) {
    auto& [least, greatest] = ranges[static_cast<std::size_t>(i / steps % channels)];
    least = std::fmin(least, windows.at(i));
    greatest = std::fmax(greatest, windows.at(i));
  }
  return ranges;
}

Json traces_of(const LookedAt& looked, const std::vector<std::int32_t>& shown) {
  const Tensor originals = selected(looked.examples, shown);
  const std::vector<Range> ranges = channel_ranges(originals);
  const GridOptions options{.columns = kSheetColumns, .gap = 0};
  const auto picture = [&](const Tensor& windows) {
    return png_uri(image_grid(traces(windows, ranges), options));
  };
  return {{"width", originals.shape()[2]},
          {"height", originals.shape()[1]},
          {"columns", kSheetColumns},
          {"originals", picture(originals)},
          {"reconstructions", picture(selected(looked.reconstructions, shown))}};
}

// What makes most of a row: of a table the columns of the largest errors, of counts its words.
std::string text_of(const LookedAt& looked, std::size_t place,
                    const std::vector<std::string>& names) {
  std::string text;
  if (looked.data.kind == nn::DataKind::kCounts) {
    const auto row = static_cast<std::int64_t>(place);
    const std::vector<double> counts = looked.data.rows().rows(row, row + 1).values();
    for (const std::size_t word : largest_first(counts)) {
      if (counts[word] <= 0 || text.size() > 60) break;
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", names[word], counts[word]);
    }
    return text;
  }
  for (const Reason& reason : reasons(looked.errors, place, 3)) {
    text += fmt::format("{}{} {:.0f} %", text.empty() ? "most of it: " : ", ", names[reason.column],
                        100 * reason.share);
  }
  return text;
}

// The classes of the points, in the order of their labels.
Json classes_of(const LookedAt& looked, const std::vector<std::int32_t>& shown) {
  Json classes = Json::array();
  if (!looked.data.labels.defined()) return classes;
  std::set<std::int32_t> labels;
  for (const std::int32_t place : shown) {
    labels.insert(looked.data.labels.data<std::int32_t>()[place]);
  }
  for (const std::int32_t label : labels) classes.push_back(class_name(looked.data, label));
  return classes;
}

// Evenly through those that were looked at, as many as a page can hold.
std::vector<std::int32_t> points_of(const LookedAt& looked) {
  const std::int64_t n = looked.data.count();
  std::int64_t most = std::min(kPoints, n);
  if (looked.data.kind == nn::DataKind::kImage) {
    const std::int64_t pixels = std::min(looked.data.width(), kSheetSide * kSheetSide * 3);
    most = std::min(most, std::max<std::int64_t>(1, kSheetPixels / pixels));
  }
  if (looked.data.kind == nn::DataKind::kSeries) {
    most = std::min(most, std::max<std::int64_t>(1, kTraceNumbers / looked.data.width()));
  }
  std::vector<std::int32_t> shown;
  for (std::int64_t i = 0; i < most; ++i) shown.push_back(static_cast<std::int32_t>(i * n / most));
  return shown;
}

}  // namespace

Json latent(const LoadedRun& run, const LookedAt& looked) {
  const Plane plane = plane_of(looked);
  const std::vector<std::int32_t> shown = points_of(looked);
  Json points = Json::array();
  for (const std::int32_t place : shown) {
    Json point = known_of(looked, static_cast<std::size_t>(place));
    point["at"] = {rounded(plane.places.at(2 * place)), rounded(plane.places.at(2 * place + 1))};
    points.push_back(point);
  }
  Json j = {{"points", points}, {"axes", plane.axes}, {"classes", classes_of(looked, shown)}};
  if (looked.data.kind == nn::DataKind::kImage) {
    j["sheets"] = sheets_of(looked, shown);
  } else if (looked.data.kind == nn::DataKind::kSeries) {
    j["traces"] = traces_of(looked, shown);
  } else if (looked.examples.shape().rank() == 2) {
    const std::vector<std::string> names = shown_columns(run.config.spec, looked.data);
    Json& texts = j["texts"] = Json::array();
    for (const std::int32_t place : shown) {
      texts.push_back(text_of(looked, static_cast<std::size_t>(place), names));
    }
  }
  return j;
}

Json codebook(const LoadedRun& run, const LookedAt& looked) {
  const ae::Quantised* rule = run.config.spec.quantised();
  if (!rule) return nullptr;
  const Tensor indices = nn::map_rows(
      [&](const nn::Batch& batch) {
        const ae::Batch b = ae::batch_of(batch);
        return run.model.encode(run.model.scaled(b.images), b.labels).quantised.indices;
      },
      ae::rows_of(examples_of(run.config.spec, looked.data)));
  const ae::CodebookUse use = ae::codebook_use(indices, rule->entries);
  Json shares = Json::array();
  for (const double share : use.shares) shares.push_back(rounded(share));
  return {{"used", use.used}, {"perplexity", rounded(use.perplexity)}, {"shares", shares}};
}

}  // namespace hourglass::tools
