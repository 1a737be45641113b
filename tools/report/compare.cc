#include <fmt/core.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/json_fields.h"
#include "tools/commands.h"
#include "tools/data.h"
#include "tools/example_files.h"
#include "tools/report/compare_data.h"
#include "tools/report/page.h"
#include "tools/text_table.h"

namespace hourglass::tools {
namespace {

constexpr std::size_t kWidestCell = 60;  // of a cell: a vocabulary would fill the screen

struct Arguments {
  std::vector<std::string> runs;
  std::optional<std::string> data, output;
  bool json = false;
};

std::string cell(const Json& value) {
  if (value.is_null()) return "-";
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_float()) return fmt::format("{:.4g}", value.get<double>());
  return internal::json_text(value);
}

std::vector<std::string> heads_of(const std::string& first, const Json& comparison) {
  std::vector<std::string> heads = {first};
  for (const Json& run : comparison["runs"]) heads.push_back(run["name"]);
  return heads;
}

std::string lines_text(const std::string& title, const Json& comparison, const char* member) {
  TextTable rows = {heads_of(title, comparison)};
  for (const Json& line : comparison[member]) {
    rows.push_back({line["name"]});
    for (const Json& value : line["values"]) {
      rows.back().push_back(printable(cell(value), kWidestCell));
    }
  }
  return table_text(rows);
}

// 1, 2, 5, 10, 20, ... and the last.
bool is_round(int epoch) {
  const int power = static_cast<int>(std::pow(10, std::floor(std::log10(epoch))));
  return epoch == power || epoch == 2 * power || epoch == 5 * power;
}

std::string curves_text(const Json& comparison) {
  std::map<int, std::vector<Json>> by_epoch;
  const Json& runs = comparison["runs"];
  for (std::size_t i = 0; i < runs.size(); ++i) {
    for (const Json& line : runs[i]["metrics"]) {
      if (line.value("split", "") != "train") continue;
      std::vector<Json>& losses = by_epoch[line["epoch"]];
      losses.resize(runs.size());
      losses[i] = line["loss"];
    }
  }
  TextTable rows = {heads_of("training loss after epoch", comparison), {"unit"}};
  for (const Json& run : runs) rows[1].push_back(run["loss_unit"]);
  for (const auto& [epoch, losses] : by_epoch) {
    if (!is_round(epoch) && epoch != by_epoch.rbegin()->first) continue;
    rows.push_back({std::to_string(epoch)});
    for (const Json& loss : losses) rows.back().push_back(cell(loss));
  }
  return by_epoch.empty() ? "" : "\n" + table_text(rows);
}

std::string text_of(const Json& comparison) {
  std::string text = lines_text("", comparison, "figures") + curves_text(comparison);
  if (!comparison["differences"].empty()) {
    text += "\n" + lines_text("what differs", comparison, "differences");
  }
  return text;
}

int compare(const Arguments& a) {
  if (a.output) check_ending(*a.output, {".html"});
  const Json all = comparison(a.runs, a.data);
  if (a.output) internal::write_text(*a.output, page_of(PageKind::kCompare, all), "compare");
  if (a.json) {
    fmt::print("{}\n", internal::json_text(all));
    return kDone;
  }
  fmt::print("{}", text_of(all));
  if (a.output) fmt::print("\nwrote {}\n", *a.output);
  return kDone;
}

void add_compare(CommandLine& program) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  const Command command = program.add_command(
      "compare", "Runs beside each other: figures, curves, what differs, the same examples");
  command.add_option("runs", a.runs, "The run folders").required();
  command.add_option("-o,--output", a.output, "Write a page with curves and reconstructions too");
  command.add_option("--data", a.data, data_help("(nothing: what the first learnt from)"));
  command.add_flag("--json", a.json, "As JSON: all that the page has");
  command.set_action([arguments] { return compare(*arguments); });
}

const CommandEntry kCompareEntry(12, add_compare);

}  // namespace
}  // namespace hourglass::tools
