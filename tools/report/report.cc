#include "tools/report/report.h"

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "tensor/files/atomic_file.h"
#include "tools/describe.h"
#include "tools/report/by_epoch.h"
#include "tools/report/images.h"
#include "tools/report/journal.h"
#include "tools/report/kinds.h"
#include "tools/report/latent.h"
#include "tools/report/page.h"
#include "tools/report/step.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr std::int64_t kMostImages = 1000, kMostOthers = 4000;  // that are looked at
constexpr std::int64_t kMostNumbers = 4000000;                  // of them

std::int64_t looked_at(const nn::DataSet& test) {
  const std::int64_t most = test.kind == nn::DataKind::kImage ? kMostImages : kMostOthers;
  return std::clamp<std::int64_t>(kMostNumbers / test.width(), 1, most);
}

// What one is called.
const char* example_name(nn::DataKind kind) {
  switch (kind) {
    case nn::DataKind::kImage:
      return "image";
    case nn::DataKind::kRow:
      return "row";
    case nn::DataKind::kSeries:
      return "window";
    case nn::DataKind::kCounts:
    case nn::DataKind::kActivations:
      break;
  }
  return "example";
}

// What a loss is measured in: losses of one unit can lie over each other.
std::string loss_unit(const RunConfig& config) {
  const ae::Spec& spec = config.spec;
  std::string name = ae::loss_text(spec.loss, spec.loss_scale);
  if (spec.per_image()) {
    name.replace(0, name_of(spec.loss).size(), ae::traits_of(spec.loss).sum_name);
    return fmt::format("{} per {}", name, example_name(config.kind));
  }
  const bool rows = config.kind == nn::DataKind::kRow;
  const bool images = config.kind == nn::DataKind::kImage;
  return fmt::format("{} per {}", name, images ? "pixel" : rows ? "column" : "number");
}

void add(Json& report, const char* name, Json part) {
  if (!part.is_null()) report[name] = std::move(part);
}

}  // namespace

std::string run_name(const std::string& folder) {
  return std::filesystem::path(folder + "/").parent_path().filename().string();
}

Json journals_of(const char* who, const RunConfig& config, const std::string& folder,
                 const std::string& name) {
  Json report = {
      {"name", name},
      {"examples", config.kind == nn::DataKind::kCounts ? "examples" : nn::plural(config.kind)},
      {"example", example_name(config.kind)},
      {"code", config.spec.code_width()},
      {"loss_unit", loss_unit(config)},
      {"facts", lines_of(model_text(config))},
      {"config", to_json(config)},
      {"metrics", journal(who, folder + "/metrics.jsonl")},
      {"timing", journal(who, folder + "/timing.jsonl")}};
  if (config.trained) report["facts"].push_back(training_text(config));
  add(report, "reconstructions_by_epoch", reconstructions_by_epoch(who, folder));
  return report;
}

Json report_of(const char* who, const LoadedRun& run, const std::string& folder,
               const std::string& name, const nn::DataSet& test) {
  const LookedAt looked = look_at(run, test, looked_at(test));
  Json report = journals_of(who, run.config, folder, name);
  if (const std::optional<double> share = explained(run, looked)) report["explained"] = *share;
  add(report, "columns", columns(run, looked));
  add(report, "windows", windows(looked));
  add(report, "reconstructions", best_and_worst(looked));
  add(report, "latent", latent(run, looked));
  add(report, "codebook", codebook(run, looked));
  add(report, "words", words_of_units(run, looked));
  add_generated(report, run, looked);
  add(report, "filters", filters(run));
  add(report, "step", step(run, test));
  return report;
}

void write_report(const LoadedRun& run, const std::string& folder, const std::string& name,
                  const nn::DataSet& test) {
  write_text(folder + "/report.html",
             page_of(PageKind::kReport, report_of("report", run, folder, name, test)), "report");
}

}  // namespace hourglass::tools
