// What a training, several of them and one that is verified say on the way.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

std::vector<std::string> lines_said(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
    lines.push_back(text.substr(at, text.find('\n', at) - at));
  }
  return lines;
}

}  // namespace

TEST_CASE("each layer that is learnt by itself is counted, in what is said and in the journal") {
  const Folder f;
  const Output output =
      f.train("deep --hidden 9,5 --code 3 --pretrain 2 --epochs 1 --no-diagnostics --no-report");
  REQUIRE(output.err == "");
  std::vector<std::string> steps;
  for (const std::string& line : lines_said(output.out)) {
    if (line.starts_with("layer ")) steps.push_back(line);
    if (line.starts_with("epoch ")) steps.push_back(line.substr(0, line.find("  loss")));
  }
  CHECK(steps == std::vector<std::string>{"layer 1 of 3", "epoch 1/2", "epoch 2/2", "layer 2 of 3",
                                          "epoch 1/2", "epoch 2/2", "layer 3 of 3", "epoch 1/2",
                                          "epoch 2/2", "epoch 1/1"});
  for (const char* journal : {"metrics.jsonl", "timing.jsonl"}) {
    const auto lines = lines_said(read_bytes(f.folder.path("run/") + journal));
    REQUIRE(lines.size() >= 7);
    for (std::size_t i = 0; i < 6; ++i) {
      const json line = json::parse(lines[i]);
      CHECK(line["split"] == fmt::format("train layer {}", i / 2 + 1));
      CHECK(line["epoch"] == i % 2 + 1);
    }
    CHECK(json::parse(lines[6])["split"] == "train");
  }
}

TEST_CASE("several seeds say which is learnt, and mean and spread at the end") {
  const Folder f;
  const std::string run = f.folder.path("run");
  const Output output = f.train("dense --code 3 --epochs 1 --seeds 2 --seed 7 --no-report");
  REQUIRE(output.err == "");
  const auto summary = nlohmann::ordered_json::parse(read_bytes(run + "/summary.json"));
  std::string spreads;
  for (const auto& [name, spread] : summary["test"].items()) {
    spreads += fmt::format("test {} {:.6g} +- {:.2g} over 2 seeds\n", name,
                           spread["mean"].get<double>(), spread["spread"].get<double>());
  }
  CHECK(output.out.ends_with(spreads + "wrote 2 runs to " + run + "\n"));
  CHECK(output.out.find("\nseed-7\nepoch 1/1  loss ") != std::string::npos);
  CHECK(output.out.find("\nseed-8\nepoch 1/1  loss ") != std::string::npos);
  CHECK(run_hourglass("train --resume " + run).out ==
        run + " is finished: 2 seeds: nothing to do\n");
  write_bytes(run + "/summary.json", "{\"seeds\": []}");
  const Output refused = run_hourglass("train --resume " + run);
  CHECK(refused.code == 2);
  CHECK(refused.err ==
        "hourglass: error: run folder: " + run + "/summary.json: seeds: there are none\n");
}

TEST_CASE("verify shows twelve digits of weights that differ") {
  const Folder f;
  const std::string run = f.folder.path("run"), timing = run + "/timing.jsonl";
  REQUIRE(f.train("dense --code 3 --epochs 2 --no-report").err == "");
  std::string text = read_bytes(timing);
  const std::size_t at = text.find("\"weights\":\"") + 11;
  const std::string now = text.substr(at, 12);
  text.replace(at, 12, "0123456789ab");
  write_bytes(timing, text);
  const Output output = run_hourglass("verify " + run);
  CHECK(output.code == 1);
  CHECK(output.out.ends_with(
      "\n" + run + ": epoch 1: the weights differ: 0123456789ab in the run, " + now + " now\n"));
}
