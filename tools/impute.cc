#include "ae/measure/impute.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"

namespace hourglass::tools {

using namespace internal;
namespace {

struct ImputeArguments {
  std::string run, in, out;
  ae::ImputeOptions options;
  bool json = false;
};

std::int64_t holes_in(const Tensor& rows, const std::vector<ae::ColumnRange>& columns) {
  const std::int64_t width = rows.shape()[1];
  std::int64_t count = 0;
  for (std::int64_t row = 0; row < rows.elements(); row += width) {
    for (const ae::ColumnRange& c : columns) count += std::isnan(rows.at(row + c.first)) ? 1 : 0;
  }
  return count;
}

Json errors_json(const nn::DataSet& data, const std::vector<ae::ImputationError>& errors) {
  Json columns = Json::array();
  for (const ae::ImputationError& e : errors) {
    const bool words = e.column.category;
    columns.push_back({{"column", column_name(data, e.column)},
                       {"entries", e.entries},
                       {words ? "wrong" : "rmse", e.model},
                       {words ? "wrong_of_commonest" : "rmse_of_mean", e.mean}});
  }
  return columns;
}

// How well holes made on purpose are filled, beside the column's mean or commonest word.
void print_errors(const nn::DataSet& data, const std::vector<ae::ImputationError>& errors) {
  fmt::print("{:<24} {:>8} {:>12} {:>12}\n", "column", "hidden", "rmse", "of the mean");
  std::int64_t better = 0, judged = 0;
  for (const ae::ImputationError& e : errors) {
    fmt::print("{:<24} {:>8} {:>12.5g} {:>12.5g}{}\n", printable(column_name(data, e.column)),
               e.entries, e.model, e.mean, e.column.category ? " of the words wrong" : "");
    judged += e.entries > 0 ? 1 : 0;
    better += e.model < e.mean ? 1 : 0;
  }
  fmt::print("better than the mean in {} of {}\n", better, internal::counted(judged, "column"));
}

int impute(const ImputeArguments& a) {
  const LoadedRun run = open_run(a.run);
  if (run.config.kind == nn::DataKind::kSeries || run.config.kind == nn::DataKind::kImage) {
    throw Error(fmt::format("impute: the model takes {}: only columns of a table are filled",
                            nn::plural(run.config.kind)));
  }
  check_output(a.out, run.config.kind);
  RunConfig config = run.config;
  config.reading.read.missing = nn::Missing::kMask;  // what is to be filled is no error
  const nn::RawData raw = read_examples("impute", {a.in}, config);
  nn::DataSet data = raw.all;
  const Tensor rows = data.rows().tensor();
  const std::int64_t holes =
      holes_in(rows, ae::table_columns(run.model.spec.categories, data.width()));
  const auto errors = ae::imputation_errors(run.model, rows, a.options);
  data.examples = ae::impute(run.model, rows, a.options);
  write_examples(a.out, data);
  if (a.json) {
    const Json j = {{"model", config.model},
                    {"rows", data.count()},
                    {"filled", holes},
                    {"columns", errors_json(data, errors)}};
    fmt::print("{}\n", json_text(j, 2));
    return kDone;
  }
  print_errors(data, errors);
  fmt::print("filled {} in {}, wrote {}{}\n", internal::counted(holes, "value"),
             internal::counted(data.count(), "row"), a.out, trained_on_text(config, raw));
  return kDone;
}

void add_impute(CommandLine& program) {
  auto arguments = std::make_shared<ImputeArguments>();
  ImputeArguments& a = *arguments;
  const Command command = program.add_command("impute",
                                              "Fill the holes of a table from a model, and say how "
                                              "well it does on values hidden on purpose");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("in", a.in, "The table").required();
  command.add_option("-o,--output", a.out, "The file to write: .csv or .npy").required();
  command.add_option("--rounds", a.options.rounds, "Times through the model").show_default();
  command.add_option("--share", a.options.share, "Of the known values, so many are hidden")
      .show_default();
  command.add_option("--seed", a.options.seed, "Which are hidden").show_default();
  command.add_flag("--json", a.json, "As JSON");
  command.set_action([arguments] { return impute(*arguments); });
}

const CommandEntry kImputeEntry(15, add_impute);

}  // namespace
}  // namespace hourglass::tools
