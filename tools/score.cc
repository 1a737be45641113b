#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "ae/measure/anomaly.h"
#include "ae/measure/ranking.h"
#include "tensor/error.h"
#include "tensor/files/csv_write.h"
#include "tensor/files/json_fields.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/example_files.h"
#include "tools/reasons.h"

namespace hourglass::tools {

using namespace internal;
namespace {

constexpr std::size_t kShownRows = 5;  // rows that are shown
constexpr std::size_t kReasons = 3;    // columns that explain each

struct ScoreArguments {
  std::string run, in;
  std::optional<std::string> out, label;
  double contamination = 0.1;
  bool json = false;
};

// The examples with what was found of them.
struct Scored {
  nn::DataSet data;
  std::vector<std::string> columns;  // their names
  std::vector<double> scores;
  std::vector<std::size_t> worst;  // those with the highest scores, at most kShownRows
  Tensor errors;                   // of these, f64 [worst, columns]
  double threshold = 0;
  std::int64_t trained_on = 0;           // how many of them
  std::vector<nn::NamedValue> measures;  // where there are labels
};

// The labels say which examples are anomalies: 0, or the class called so, is normal.
std::vector<bool> anomalies(const nn::DataSet& data) {
  std::int32_t normal = 0;
  for (std::size_t c = 0; c < data.classes.size(); ++c) {
    const std::string& name = data.classes[c];
    if (name == "0" || name == "0.0" || name == "normal") normal = static_cast<std::int32_t>(c);
  }
  std::vector<bool> positive;
  for (std::int64_t i = 0; i < data.count(); ++i) {
    positive.push_back(data.labels.data<std::int32_t>()[i] != normal);
  }
  return positive;
}

void explain_worst(const LoadedRun& run, Scored& found) {
  found.worst = largest_first(found.scores);
  found.worst.resize(std::min(kShownRows, found.worst.size()));
  const nn::DataSet rows = found.data.select({found.worst.begin(), found.worst.end()});
  found.errors = ae::column_errors(run.model, examples_of(run.config.spec, rows));
}

Scored score_all(const LoadedRun& run, const ScoreArguments& a) {
  if (!(a.contamination > 0 && a.contamination < 1)) {
    throw Error(
        fmt::format("score: contamination: must be between 0 and 1: got {}", a.contamination));
  }
  RunConfig config = run.config;
  if (a.label) config.reading.read.label = a.label;
  Scored found;
  const nn::RawData raw = read_examples("score", {a.in}, config);
  found.data = examples_in(raw, config.reading);
  found.trained_on = trained_on(config, raw);
  found.columns = error_columns(config.spec, found.data);
  found.scores = ae::anomaly_scores(run.model, examples_of(config.spec, found.data));
  explain_worst(run, found);
  const nn::DataSet train = data_of("score", run, std::nullopt).all;
  found.threshold = ae::quantile(ae::anomaly_scores(run.model, examples_of(config.spec, train)),
                                 1 - a.contamination);
  if (a.label && !found.data.labels.defined()) {
    throw Error(fmt::format("score: {}: has no column {} of labels", a.in, *a.label));
  }
  if (!found.data.labels.defined()) return found;
  const std::vector<bool> positive = anomalies(found.data);
  const bool both = std::find(positive.begin(), positive.end(), true) != positive.end() &&
                    std::find(positive.begin(), positive.end(), false) != positive.end();
  if (!both) return found;
  found.measures = {{"roc_auc", ae::roc_auc(found.scores, positive)},
                    {"average_precision", ae::average_precision(found.scores, positive)},
                    {"f1", ae::f1(found.scores, positive, found.threshold)}};
  return found;
}

void write_scores(const std::string& path, const Scored& found) {
  std::vector<std::vector<std::string>> records = {{"example", "score", "anomaly"}};
  for (std::size_t i = 0; i < found.scores.size(); ++i) {
    records.push_back({std::to_string(i), fmt::format("{}", found.scores[i]),
                       found.scores[i] > found.threshold ? "1" : "0"});
  }
  write_csv_records(path, records);
}

Json scored_json(const LoadedRun& run, const Scored& found, std::size_t above) {
  Json j = {{"model", run.config.model},
            {"examples", found.scores.size()},
            {"trained_on", found.trained_on},
            {"threshold", found.threshold},
            {"above", above}};
  for (const nn::NamedValue& m : found.measures) j[m.name] = m.value;
  j["worst"] = Json::array();
  for (std::size_t k = 0; k < found.worst.size(); ++k) {
    const std::size_t row = found.worst[k];
    Json columns = Json::object();
    for (const Reason& reason : reasons(found.errors, k, kReasons)) {
      columns[found.columns[reason.column]] = reason.share;
    }
    j["worst"].push_back({{"example", row}, {"score", found.scores[row]}, {"columns", columns}});
  }
  return j;
}

void print_scored(const LoadedRun& run, const Scored& found, std::size_t above) {
  fmt::print("the worst of {} {}{}:\n", found.scores.size(), nn::plural(run.config.kind),
             found.trained_on > 0 ? fmt::format(", {} of them trained on", found.trained_on) : "");
  for (std::size_t k = 0; k < found.worst.size(); ++k) {
    fmt::print("{:>8}  score {:.5g}", found.worst[k], found.scores[found.worst[k]]);
    for (const Reason& reason : reasons(found.errors, k, kReasons)) {
      fmt::print("  {} {:.0f} %", found.columns[reason.column], 100 * reason.share);
    }
    fmt::print("\n");
  }
  fmt::print("{} above the threshold of {:.5g}\n", above, found.threshold);
  for (const nn::NamedValue& m : found.measures) fmt::print("{:<17} {:.4f}\n", m.name, m.value);
}

int score(const ScoreArguments& a) {
  const LoadedRun run = open_run(a.run);
  if (a.out && !a.out->ends_with(".csv")) {
    throw Error(fmt::format("output: {}: expected a name that ends in .csv", *a.out));
  }
  const Scored found = score_all(run, a);
  if (a.out) write_scores(*a.out, found);
  const auto above =
      static_cast<std::size_t>(std::count_if(found.scores.begin(), found.scores.end(),
                                             [&](double each) { return each > found.threshold; }));
  if (a.json) {
    fmt::print("{}\n", json_text(scored_json(run, found, above), 2));
  } else {
    print_scored(run, found, above);
    if (a.out) fmt::print("wrote {}\n", *a.out);
  }
  return kDone;
}

void add_score(CommandLine& program) {
  auto arguments = std::make_shared<ScoreArguments>();
  ScoreArguments& a = *arguments;
  const Command command = program.add_command(
      "score", "How unlike what was learnt each example is: its reconstruction error");
  command.add_option("run", a.run, "The run folder").required();
  command.add_option("in", a.in, data_help("")).required();
  command.add_option("--label", a.label,
                     "The column that says which are anomalies: 0 is normal, all else is not");
  command
      .add_option("--contamination", a.contamination,
                  "The share of the training examples that lies above the threshold")
      .show_default();
  command.add_option("-o,--output", a.out, "The file of scores to write: .csv");
  command.add_flag("--json", a.json, "As JSON");
  command.set_action([arguments] { return score(*arguments); });
}

const CommandEntry kScoreEntry(10, add_score);

}  // namespace
}  // namespace hourglass::tools
