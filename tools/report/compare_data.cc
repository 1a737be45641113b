#include "tools/report/compare_data.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/json_fields.h"
#include "tools/codes.h"
#include "tools/describe.h"
#include "tools/report/journal.h"
#include "tools/report/report.h"
#include "tools/report/same_examples.h"

namespace hourglass::tools {

using namespace internal;

namespace {

namespace fs = std::filesystem;

constexpr std::int64_t kExamples = 500;  // of whose errors the mean is shown

struct ComparedRun {
  std::string folder, name;
  RunConfig config;
  Json said;
};

// The last line of a part of the data, or null.
Json last_of(const Json& metrics, const char* split) {
  Json last;
  for (const Json& line : metrics) {
    if (line.value("split", "") == split) last = line;
  }
  return last;
}

ComparedRun part_of(const std::string& folder) {
  if (!is_run(folder)) throw Error(fmt::format("compare: {}: there is no run in it", folder));
  ComparedRun part{folder, run_name(folder), read_config_file(folder + "/config.json"), {}};
  part.said = journals_of("compare", part.config, folder, part.name);
  return part;
}

// A folder's own name, where no other has it; the path otherwise.
void name_apart(std::vector<ComparedRun>& parts) {
  std::map<std::string, int> times;
  for (const ComparedRun& part : parts) ++times[part.name];
  for (ComparedRun& part : parts) {
    if (times[part.name] == 1) continue;
    part.name = part.folder;
    part.said["name"] = part.folder;
  }
}

// The figures of one run, by name: what it is, what it cost, what the test part says of it.
Json figures_of(const ComparedRun& part) {
  const Json& said = part.said;
  Json figures = {
      {"model", part.config.model},
      {"code", said["code"]},
      {"epochs", nullptr},
      {"steps", part.config.steps > 0 ? Json(part.config.steps) : Json()},
      {"outcome", was_killed(part.config, part.folder) ? "killed" : part.config.outcome}};
  const Json train = last_of(said["metrics"], "train");
  if (!train.is_null()) figures["epochs"] = train["epoch"];
  double seconds = 0;
  for (const Json& line : said["timing"]) seconds += line.value("seconds", 0.0);
  if (seconds > 0) figures["training seconds"] = rounded(seconds);
  figures["unit of the loss"] = said["loss_unit"];
  for (const auto& [split, before] :
       {std::pair{"train", "training "}, {"validation", "validation "}, {"test", "test "}}) {
    const Json line = last_of(said["metrics"], split);
    if (line.is_null()) continue;
    for (const auto& [name, value] : line.items()) {
      const bool only_loss = std::string_view(split) != "test" && name != "loss";
      if (value.is_number() && name != "epoch" && !only_loss)
        figures[before + name] = rounded(value);
    }
  }
  for (const char* name : {"active_units", "dead_units"}) {
    if (!train.is_null() && train.contains(name)) figures[name] = train[name];
  }
  return figures;
}

// Objects of all runs as one table: a line a name, in the order in which names come first.
Json lines_of_all(const std::vector<Json>& objects) {
  Json lines = Json::array();
  std::map<std::string, std::size_t> places;
  for (std::size_t run = 0; run < objects.size(); ++run) {
    for (const auto& [name, value] : objects[run].items()) {
      const auto [at, is_new] = places.emplace(name, lines.size());
      if (is_new) lines.push_back({{"name", name}, {"values", Json(objects.size(), nullptr)}});
      lines[at->second]["values"][run] = value;
    }
  }
  return lines;
}

void flatten(const Json& from, const std::string& before, Json& to) {
  for (const auto& [name, value] : from.items()) {
    if (value.is_object()) {
      flatten(value, before + name + ".", to);
    } else {
      to[before + name] = value;
    }
  }
}

// Fields of config.json that are not the same in all of them; what follows from others is no choice.
Json differences_of(const std::vector<ComparedRun>& parts) {
  std::vector<Json> flat;
  for (const ComparedRun& part : parts) {
    Json config = part.said["config"], fields = Json::object();
    for (const char* outcome : {"model", "steps", "outcome", "best_epoch"}) config.erase(outcome);
    flatten(config, "", fields);
    flat.push_back(fields);
  }
  Json different = Json::array();
  for (const Json& line : lines_of_all(flat)) {
    const Json& values = line["values"];
    const bool same = std::all_of(values.begin(), values.end(),
                                  [&](const Json& value) { return value == values[0]; });
    if (!same) different.push_back(line);
  }
  return different;
}

bool takes(const RunConfig& config, const nn::DataSet& data) {
  return config.kind == data.kind && config.spec.example_shape() == data.example_shape() &&
         (config.spec.classes == 0 || data.labels.defined());
}

// What those that have weights make of the examples, and the names of those that take others.
std::vector<Seen> seen_by(const std::vector<ComparedRun>& parts,
                          const std::optional<std::string>& data, Json& others) {
  std::vector<Seen> all;
  std::optional<nn::DataSet> test;
  for (const ComparedRun& part : parts) {
    if (!fs::exists(part.folder + "/model.safetensors")) continue;
    const LoadedRun run = open_run(part.folder);
    if (!test) test = *data_of("compare", run, data).test;
    if (takes(run.config, *test)) {
      all.push_back({part.name, look_at(run, *test, kExamples)});
    } else {
      others.push_back(part.name);
    }
  }
  return all;
}

}  // namespace

Json comparison(const std::vector<std::string>& folders, const std::optional<std::string>& data) {
  if (folders.size() < 2) throw Error("compare: expected two runs or more: got 1");
  std::vector<ComparedRun> parts;
  for (const std::string& folder : folders) parts.push_back(part_of(folder));
  name_apart(parts);
  Json result = {{"runs", Json::array()}};
  std::vector<Json> figures;
  for (const ComparedRun& part : parts) {
    result["runs"].push_back(part.said);
    figures.push_back(figures_of(part));
  }
  result["figures"] = lines_of_all(figures);
  result["differences"] = differences_of(parts);
  Json others = Json::array();
  add_same_examples(result, seen_by(parts, data, others));
  if (!others.empty()) result["other_examples"] = others;
  return result;
}

}  // namespace hourglass::tools
