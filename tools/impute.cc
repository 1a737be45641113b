#include "ae/measure/impute.h"

#include <fmt/core.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"

namespace hourglass::tools {

using namespace internal;
namespace {

struct Arguments {
  std::string run, in, out;
  ae::ImputeOptions options;
  bool json = false;
};

std::int64_t holes_in(const Tensor& rows) {
  std::int64_t count = 0;
  for (std::int64_t i = 0; i < rows.elements(); ++i) count += std::isnan(rows.at(i)) ? 1 : 0;
  return count;
}

std::string column_name(const nn::DataSet& data, std::size_t column) {
  return column < data.columns.size() ? data.columns[column] : std::to_string(column + 1);
}

Json errors_json(const nn::DataSet& data, const std::vector<ae::ImputationError>& errors) {
  Json columns = Json::array();
  for (std::size_t c = 0; c < errors.size(); ++c) {
    columns.push_back({{"column", column_name(data, c)},
                       {"entries", errors[c].entries},
                       {"rmse", errors[c].model},
                       {"rmse_of_mean", errors[c].mean}});
  }
  return columns;
}

// How well holes made on purpose are filled, beside the column's mean.
void print_errors(const nn::DataSet& data, const std::vector<ae::ImputationError>& errors) {
  fmt::print("{:<24} {:>8} {:>12} {:>12}\n", "column", "hidden", "rmse", "of the mean");
  std::int64_t better = 0, judged = 0;
  for (std::size_t c = 0; c < errors.size(); ++c) {
    const ae::ImputationError& e = errors[c];
    fmt::print("{:<24} {:>8} {:>12.5g} {:>12.5g}\n", column_name(data, c), e.entries, e.model,
               e.mean);
    judged += e.entries > 0 ? 1 : 0;
    better += e.model < e.mean ? 1 : 0;
  }
  fmt::print("better than the mean in {} of {} columns\n", better, judged);
}

int impute(const Arguments& a) {
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
  const std::int64_t holes = holes_in(data.examples);
  const auto errors = ae::imputation_errors(run.model, data.rows(), a.options);
  data.examples = ae::impute(run.model, data.rows(), a.options);
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
  fmt::print("filled {} values in {} rows, wrote {}{}\n", holes, data.count(), a.out,
             trained_on_text(config, raw));
  return kDone;
}

void add_impute(CommandLine& program) {
  auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
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
