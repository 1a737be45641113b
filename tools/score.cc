#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "ae/measure/anomaly.h"
#include "ae/measure/ranking.h"
#include "nn/data/windows.h"
#include "tensor/error.h"
#include "tensor/files/csv_write.h"
#include "tensor/files/json_fields.h"
#include "tensor/files/png.h"
#include "tools/chart.h"
#include "tools/codes.h"
#include "tools/commands.h"
#include "tools/describe.h"
#include "tools/example_files.h"
#include "tools/reasons.h"

namespace hourglass::tools {

using namespace internal;
namespace {

constexpr std::size_t kShownRows = 5;  // rows that are shown
constexpr std::size_t kReasons = 3;    // columns that explain each

struct ScoreArguments {
  std::string run, in;
  std::optional<std::string> out, picture, label;
  double contamination = 0.1;
  bool json = false;
};

// The examples with what was found of them.
struct Scored {
  nn::DataSet data;
  std::vector<std::string> columns;   // their names
  std::vector<std::string> unseen;    // see not_looked_at
  std::vector<double> scores, train;  // of these, and of what was learnt from
  std::vector<std::size_t> worst;     // those with the highest scores, at most kShownRows
  Tensor errors;                      // of these, f64 [worst, columns]
  double threshold = 0;
  std::int64_t trained_on = 0;           // how many of them
  std::vector<nn::NamedValue> measures;  // where there are labels
  // Of a series the error at each time step, NaN where no window lies, and its own threshold.
  std::vector<double> steps = {};
  double step_threshold = 0;
  std::vector<bool> step_anomalies = {};  // where there are labels
};

void explain_worst(const LoadedRun& run, Scored& found) {
  found.worst = largest_first(found.scores);
  found.worst.resize(std::min(kShownRows, found.worst.size()));
  const nn::DataSet rows = found.data.select({found.worst.begin(), found.worst.end()});
  found.errors = ae::column_errors(run.model, examples_of(run.config.spec, rows));
}

// Of a series: the errors by time step.
void score_steps(const LoadedRun& run, const nn::RawData& raw, const nn::DataSet& train,
                 double share, Scored& found) {
  const ae::Spec& spec = run.config.spec;
  const auto errors = [&](const nn::DataSet& windows) {
    return ae::step_errors(run.model, examples_of(spec, windows), windows.example_shape()[0]);
  };
  found.steps = nn::overlaid(errors(found.data), raw, run.config.reading.stride).values();
  found.step_threshold = ae::quantile(errors(train).values(), share);
  if (raw.all.labels.defined()) found.step_anomalies = ae::labelled_anomalies(raw.all);
}

bool has_both(const std::vector<bool>& positive) {
  return std::find(positive.begin(), positive.end(), true) != positive.end() &&
         std::find(positive.begin(), positive.end(), false) != positive.end();
}

// The measures of scores by labels; of a series by its steps, as far as there are windows, too.
void measure_scores(const RunConfig& config, const std::vector<bool>& positive, Scored& found) {
  found.measures = {{"roc_auc", ae::roc_auc(found.scores, positive)},
                    {"average_precision", ae::average_precision(found.scores, positive)},
                    {"f1", ae::f1(found.scores, positive, found.threshold)}};
  std::vector<double> scores;
  std::vector<bool> labels;
  for (std::size_t i = 0; i < found.steps.size(); ++i) {
    if (std::isnan(found.steps[i])) continue;
    scores.push_back(found.steps[i]);
    labels.push_back(found.step_anomalies[i]);
  }
  if (!has_both(labels)) return;
  found.measures.push_back({"vus_pr", ae::vus_pr(scores, labels, config.reading.window)});
}

// By the labels, where there are any of both.
void judge_scores(const ScoreArguments& a, const RunConfig& config, Scored& found) {
  if (!found.data.labels.defined()) {
    if (!a.label) return;
    throw Error(fmt::format("score: {}: has no column {} of labels", a.in, *a.label));
  }
  const std::vector<bool> positive = ae::labelled_anomalies(found.data);
  if (has_both(positive)) return measure_scores(config, positive, found);
  if (!a.label) return;
  const bool all = positive.at(0);
  throw Error(fmt::format("score: {}: by its column {} {} of the {} is an anomaly{}", a.in,
                          *a.label, all ? "every one" : "none",
                          counted(static_cast<std::int64_t>(positive.size()), config.kind),
                          all ? ": it has no 0 and nothing that is called normal" : ""));
}

// Names of the columns of a table, the channels of a series, that are 0 to the model whatever they hold.
std::vector<std::string> not_looked_at(const LoadedRun& run, const nn::DataSet& data) {
  std::vector<std::string> names;
  if (data.kind == nn::DataKind::kImage) return names;
  for (const std::int64_t c : run.model.input.constant_columns()) {
    names.push_back(column_name(data, static_cast<std::size_t>(c)));
  }
  return names;
}

// How many of the examples were trained on: labels of another column than the run's were none of
// what it read.
std::int64_t count_trained_on(const RunConfig& config, const ScoreArguments& a,
                              const nn::RawData& raw) {
  const bool as_then = !a.label || a.label == config.reading.read.label || a.in == "-";
  if (as_then) return trained_on(config, raw);
  try {
    return trained_on(config, read_examples("score", {a.in}, config));
  } catch (const Error&) {
    return 0;  // it could not be read then
  }
}

Scored score_all(const LoadedRun& run, const ScoreArguments& a) {
  if (!(a.contamination > 0 && a.contamination < 1)) {
    throw Error(
        fmt::format("score: contamination: must be between 0 and 1: got {}", a.contamination));
  }
  RunConfig config = run.config;
  if (a.label) config.reading.read.label = a.label;
  // An anomaly may be of a class that was not there to be learnt.
  if (config.spec.classes == 0) config.schema.classes.clear();
  Scored found;
  const nn::RawData raw = read_examples("score", {a.in}, config);
  found.data = examples_in(raw, config.reading);
  found.trained_on = count_trained_on(run.config, a, raw);
  found.columns = error_columns(config.spec, found.data);
  found.unseen = not_looked_at(run, found.data);
  found.scores = ae::anomaly_scores(run.model, examples_of(config.spec, found.data));
  explain_worst(run, found);
  const nn::DataSet train = data_of("score", run, std::nullopt).all;
  found.train = ae::anomaly_scores(run.model, examples_of(config.spec, train));
  found.threshold = ae::quantile(found.train, 1 - a.contamination);
  if (config.kind == nn::DataKind::kSeries) {
    score_steps(run, raw, train, 1 - a.contamination, found);
  }
  judge_scores(a, config, found);
  return found;
}

// A line an example, of a table with the error of each column, or of a series a time step.
void write_scores(const std::string& path, const LoadedRun& run, const Scored& found) {
  const bool steps = !found.steps.empty(), table = run.config.kind == nn::DataKind::kRow;
  const std::vector<double>& scores = steps ? found.steps : found.scores;
  const double threshold = steps ? found.step_threshold : found.threshold;
  std::vector<std::vector<std::string>> records = {
      {steps ? "step" : "example", "score", "anomaly"}};
  Tensor errors;
  if (table) {
    for (const std::string& name : found.columns) records[0].push_back("error of " + name);
    errors = ae::column_errors(run.model, examples_of(run.config.spec, found.data));
  }
  const std::size_t columns = records[0].size() - 3;
  for (std::size_t i = 0; i < scores.size(); ++i) {
    records.push_back({std::to_string(i), std::isnan(scores[i]) ? "" : fmt::format("{}", scores[i]),
                       scores[i] > threshold ? "1" : "0"});
    for (std::size_t c = 0; c < columns; ++c) {
      const double error = errors.at(static_cast<std::int64_t>(i * columns + c));
      records.back().push_back(fmt::format("{}", error));
    }
  }
  write_csv_records(path, records);
}

void draw_scores(const std::string& path, const Scored& found) {
  write_png(path, found.steps.empty()
                      ? histogram(found.train, found.scores, found.threshold)
                      : course(found.steps, found.step_anomalies, found.step_threshold));
}

// Of worst row k: columns of which nothing is seen explain nothing.
std::vector<Reason> seen_reasons(const Scored& found, std::size_t k) {
  std::vector<Reason> kept = reasons(found.errors, k, kReasons + found.unseen.size());
  std::erase_if(kept, [&](const Reason& reason) {
    const std::string& name = found.columns[reason.column];
    return std::find(found.unseen.begin(), found.unseen.end(), name) != found.unseen.end();
  });
  kept.resize(std::min(kept.size(), kReasons));
  return kept;
}

Json scored_json(const LoadedRun& run, const Scored& found, std::size_t above) {
  Json j = {{"model", run.config.model},
            {"examples", found.scores.size()},
            {"trained_on", found.trained_on},
            {"threshold", found.threshold},
            {"above", above},
            {"not_looked_at", found.unseen}};
  for (const nn::NamedValue& m : found.measures) j[m.name] = m.value;
  j["worst"] = Json::array();
  for (std::size_t k = 0; k < found.worst.size(); ++k) {
    const std::size_t row = found.worst[k];
    Json columns = Json::object();
    for (const Reason& reason : seen_reasons(found, k)) {
      columns[found.columns[reason.column]] = reason.share;
    }
    j["worst"].push_back({{"example", row}, {"score", found.scores[row]}, {"columns", columns}});
  }
  return j;
}

void print_scored(const LoadedRun& run, const Scored& found, std::size_t above) {
  fmt::print("the worst of {}{}:\n",
             counted(static_cast<std::int64_t>(found.scores.size()), run.config.kind),
             found.trained_on > 0 ? fmt::format(", {} of them trained on", found.trained_on) : "");
  for (std::size_t k = 0; k < found.worst.size(); ++k) {
    fmt::print("{:>8}  score {:.5g}", found.worst[k], found.scores[found.worst[k]]);
    for (const Reason& reason : seen_reasons(found, k)) {
      fmt::print("  {} {:.0f} %", printable(found.columns[reason.column]), 100 * reason.share);
    }
    fmt::print("\n");
  }
  fmt::print("{} above the threshold of {:.5g}\n", above, found.threshold);
  if (!found.unseen.empty()) {
    const std::string names = fmt::format("{}", fmt::join(found.unseen, ", "));
    fmt::print("the same to the model whatever they hold, being constant in what was learnt: {}\n",
               printable(names, 200));
  }
  for (const nn::NamedValue& m : found.measures) fmt::print("{:<17} {:.4f}\n", m.name, m.value);
}

int score(const ScoreArguments& a) {
  const LoadedRun run = open_run(a.run);
  if (a.out) check_ending(*a.out, {".csv"});
  if (a.picture) check_ending(*a.picture, {".png"}, "picture");
  const Scored found = score_all(run, a);
  if (a.out) write_scores(*a.out, run, found);
  if (a.picture) draw_scores(*a.picture, found);
  const auto above =
      static_cast<std::size_t>(std::count_if(found.scores.begin(), found.scores.end(),
                                             [&](double each) { return each > found.threshold; }));
  if (a.json) {
    fmt::print("{}\n", json_text(scored_json(run, found, above), 2));
  } else {
    print_scored(run, found, above);
    if (a.out) fmt::print("wrote {}\n", printable(*a.out));
    if (a.picture) fmt::print("wrote {}\n", printable(*a.picture));
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
  command.add_option(
      "--label", a.label,
      "The column that says which are anomalies: 0 and normal are none, all else is");
  command
      .add_option("--contamination", a.contamination,
                  "The share of the training examples that lies above the threshold")
      .show_default();
  command.add_option(
      "-o,--output", a.out,
      "The file of scores to write, of a table with each column's error, of a series "
      "by time step: .csv");
  command.add_option(
      "--picture", a.picture,
      "The training examples' errors grey, these blue, the threshold red, of a series "
      "over time: .png");
  command.add_flag("--json", a.json, "As JSON");
  command.set_action([arguments] { return score(*arguments); });
}

const CommandEntry kScoreEntry(10, add_score);

}  // namespace
}  // namespace hourglass::tools
