#include "tools/train_seeds.h"

#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string_view>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"
#include "tools/command_line.h"
#include "tools/say.h"

namespace hourglass::tools {

using namespace internal;

namespace {

constexpr const char* kSummary = "/summary.json";

using Metrics = std::vector<nn::NamedValue>;

// Mean and spread (standard deviation, n - 1) of each test metric over runs.
Json spread_of(const std::vector<Metrics>& tests) {
  Json spreads = Json::object();
  const double n = static_cast<double>(tests.size());
  for (std::size_t k = 0; k < tests[0].size(); ++k) {
    double mean = 0, squares = 0;
    Json each = Json::array();
    for (const Metrics& test : tests) {
      mean += test[k].value / n;
      each.push_back(test[k].value);
    }
    for (const Metrics& test : tests) {
      squares += (test[k].value - mean) * (test[k].value - mean);
    }
    spreads[tests[0][k].name] = {
        {"mean", mean}, {"spread", std::sqrt(squares / (n - 1))}, {"each", each}};
  }
  return spreads;
}

// The runs of several seeds that have ended so far.
struct Seeds {
  SeedsPlan plan;
  std::vector<std::uint64_t> seeds = {};
  std::vector<Metrics> tests = {};  // of those that did not diverge
  std::optional<std::uint64_t> diverged = {};

  void add(std::uint64_t seed, bool has_diverged, const Metrics& test) {
    seeds.push_back(seed);
    if (has_diverged) {
      diverged = seed;
    } else {
      tests.push_back(test);
    }
  }

  Json summary() const {
    Json j = {{"model", plan.first.model}, {"seeds", seeds}};
    if (diverged) j["diverged"] = *diverged;
    if (tests.size() > 1) j["test"] = spread_of(tests);
    return j;
  }

  // While there are more to come, also what they will be.
  void write(const std::string& folder, bool more) const {
    Json j = summary();
    if (more) {
      j["planned"] = plan.count;
      j["config"] = to_json(plan.first);
    }
    write_text(folder + kSummary, json_text(j, 2) + "\n", "train", Durability::kDurable);
  }
};

void say_spread(const Json& summary, std::size_t runs) {
  if (!summary.contains("test")) return;
  for (const auto& [name, spread] : summary["test"].items()) {
    say("test {} {:.6g} +- {:.2g} over {}\n", name, spread["mean"].get<double>(),
        spread["spread"].get<double>(), internal::counted(runs, "seed"));
  }
}

// The test part's metrics of a run that is finished: the end of its journal's last line.
Metrics test_of(const std::string& folder) {
  const std::string path = folder + "/metrics.jsonl";
  std::string text = read_text(path, "train");
  while (text.ends_with('\n')) text.pop_back();
  const Json line = parse_json(text.substr(text.rfind('\n') + 1));
  Metrics metrics;
  for (const auto& [name, value] : line.items()) {
    const bool ours = value.is_number() && name != "epoch" && name != "loss";
    if (ours) metrics.push_back({name, value.get<double>()});
  }
  return metrics;
}

// A run that is to stay as it is.
bool stays(const std::string& folder, const RunConfig& config) {
  const RunConfig read = read_config_file(folder + "/config.json");
  const bool longer = config.options.epochs > read.options.epochs;
  return is_finished(read) && !(longer && goes_on(read));
}

}  // namespace

bool has_seeds(const std::string& folder) { return std::filesystem::exists(folder + kSummary); }

void write_seeds(const std::string& folder, const SeedsPlan& plan) {
  Seeds{plan}.write(folder, true);
}

SeedsPlan read_seeds(const std::string& folder) {
  const std::string path = folder + kSummary;
  const std::string text = read_text(path, "run folder");
  try {
    const Json j = parse_json(text);
    if (j.is_object() && j.contains("planned")) {
      require(j, {"config"});
      return {config_from_json(j["config"]), member(j, "planned", 0), false};
    }
    require(j, {"seeds"});
    std::vector<std::int64_t> seeds;
    FieldType<std::vector<std::int64_t>>::read("seeds", value_of("seeds", j["seeds"]), seeds);
    if (seeds.empty()) throw Error("seeds: there are none");
    const std::string first = fmt::format("{}/seed-{}/config.json", folder, seeds.front());
    return {read_config_file(first), static_cast<int>(seeds.size()), true};
  } catch (const FileError&) {
    throw;
  } catch (const Error& error) {
    throw FileError(fmt::format("run folder: {}: {}", path, error.what()));
  }
}

int train_seeds(NewFolder& folder, const SeedsPlan& plan, const nn::DataParts& data,
                const KeepOptions& keep) {
  Seeds done{plan};
  done.write(folder.path(), true);
  int code = kDone;
  std::optional<Run> diverged;
  for (int i = 0; i < plan.count && code == kDone; ++i) {
    Run run;
    run.config = plan.first;
    const std::uint64_t seed = run.config.options.seed += static_cast<std::uint64_t>(i);
    const std::string name = fmt::format("seed-{}", seed), path = folder.file(name);
    const bool begun = std::filesystem::exists(path);
    if (begun && stays(path, run.config)) {
      say("{} is finished\n", name);
      done.add(seed, false, test_of(path));
      continue;
    }
    say("{}\n", name);
    if (begun) say_anew(path, name, run.config);
    const NewFolderOptions options{.within = &folder};
    const std::unique_ptr<NewFolder> own(
        begun ? new NewFolder(NewFolder::take_up(path, "train", options))
              : new NewFolder(path, "train", options, [&](const std::string& new_path) {
                  write_config(new_path, run.config);
                }));
    code = train_into(*own, run, data, keep);
    const bool lost = run.result.outcome == nn::Outcome::kDiverged;
    done.add(seed, lost, run.test);
    done.write(folder.path(), true);
    if (lost) diverged = run;
  }
  const bool stopped = code != kDone && !diverged;
  done.write(folder.path(), stopped);
  folder.commit();
  say_spread(done.summary(), done.tests.size());
  if (diverged) {
    fail_diverged(*diverged,
                  fmt::format("{}/seed-{}", folder.target(), diverged->config.options.seed));
  }
  if (stopped) say("stopped: what was learnt is kept\n");
  say("wrote {} to {}\n", internal::counted(done.tests.size(), "run"), folder.target());
  return code;
}

}  // namespace hourglass::tools
