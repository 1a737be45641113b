// Tables of numbers and words by the command line: words in, words out.

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

const char* colour_of(int i) { return i % 3 == 0 ? "red" : i % 3 == 1 ? "dark blue" : "green"; }

// length,colour,grade: all follow from the row's number.
std::string words_table(int rows, bool header, bool holes) {
  std::string text = header ? "length,colour,grade\n" : "";
  for (int i = 0; i < rows; ++i) {
    const bool hole = holes && i % 5 == 0;
    text += fmt::format("{}.5,{},{}\n", 100 + 10 * (i % 3), hole ? "" : colour_of(i), i % 3 + 8);
  }
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

struct MixedRun {
  TemporaryFolder folder;
  std::string table = folder.path("x.csv"), run = folder.path("run");

  explicit MixedRun(const std::string& model, const std::string& categories, bool header = true) {
    write_bytes(table, words_table(150, header, false));
    const Output output = run_hourglass("train " + model + " --no-diagnostics --category " +
                                        categories + " --data " + table + " --out " + run);
    REQUIRE(output.err == "");
  }
  std::string written(const std::string& command, const std::string& rest) const {
    const std::string out = folder.path("y.csv");
    const Output output = run_hourglass(command + " " + run + " " + rest + " -o " + out);
    CHECK(output.err == "");
    return read_bytes(out);
  }
};

const char* kDense = "dense --hidden 12 --code 2 --batch 10 --epochs 40 --lr 0.01 --missing mask";

}  // namespace

TEST_CASE("what is reconstructed, imputed and sampled has the user's columns and words") {
  const MixedRun mixed(kDense, "colour,grade");
  const std::vector<std::string> back = lines_of(mixed.written("reconstruct", mixed.table));
  REQUIRE(back.size() == 151);
  CHECK(back[0] == "length,colour,grade");
  for (std::size_t i = 1; i < back.size(); ++i) {
    const int row = static_cast<int>(i) - 1;
    CHECK(back[i].ends_with(fmt::format(",{},{}", colour_of(row), row % 3 + 8)));
  }
  const std::string holes = mixed.folder.path("holes.csv");
  write_bytes(holes, words_table(30, true, true));
  CHECK(mixed.written("impute", holes) == words_table(30, true, false));
  const std::vector<std::string> sampled = lines_of(mixed.written("sample", "--count 3"));
  REQUIRE(sampled.size() == 4);
  CHECK(sampled[0] == "length,colour,grade");
  const Output imputed = run_hourglass("impute " + mixed.run + " " + holes + " --json -o " +
                                       mixed.folder.path("z.csv"));
  CHECK(json::parse(imputed.out)["filled"] == 6);
  const json columns = json::parse(imputed.out)["columns"];
  REQUIRE(columns.size() == 3);
  CHECK(columns[0].contains("rmse_of_mean"));
  CHECK(columns[1].at("column") == "colour");
  CHECK(columns[1].contains("wrong_of_commonest"));
}

TEST_CASE("evaluate has the losses by column, in the data's units") {
  const MixedRun mixed(kDense, "colour,grade");
  const json measured = json::parse(run_hourglass("evaluate " + mixed.run + " --json").out);
  const json& columns = measured["columns"];
  REQUIRE(columns.size() == 3);
  CHECK(columns[0].at("column") == "length");
  CHECK(columns[0].at("mse") < 5);
  CHECK(columns[2].at("column") == "grade");
  CHECK(columns[2].at("cross_entropy") < 0.1);
  CHECK(columns[2].at("wrong") == 0);
  CHECK(columns[2].at("entries") == measured["examples"]);
  const std::string text = run_hourglass("evaluate " + mixed.run).out;
  const std::string length = fmt::format("by column, in the data's units:\n{:<24} mse {:.6g}\n",
                                         "length", columns[0].at("mse").get<double>());
  CHECK(text.find(length) != std::string::npos);
  CHECK(text.ends_with(fmt::format("{:<24} cross-entropy {:.6g}, 0 of the words wrong\n", "grade",
                                   columns[2].at("cross_entropy").get<double>())));
}

TEST_CASE("of many columns evaluate prints forty") {
  const TemporaryFolder folder;
  std::string row;
  for (int c = 0; c < 42; ++c) row += fmt::format("{}{}", c == 0 ? "" : ",", c);
  std::string text;
  for (int i = 0; i < 20; ++i) text += fmt::format("{},{}\n", i, row);
  write_bytes(folder.path("x.csv"), text);
  const std::string run = folder.path("run");
  CHECK(run_hourglass("train linear --code 2 --epochs 1 --no-diagnostics --data " +
                      folder.path("x.csv") + " --out " + run)
            .err == "");
  const std::string printed = run_hourglass("evaluate " + run).out;
  CHECK(printed.ends_with("\nand 3 more columns: --json has them all\n"));
  CHECK(printed.find(fmt::format("\n{:<24} mse ", "40")) != std::string::npos);
  CHECK(printed.find(fmt::format("\n{:<24} mse ", "41")) == std::string::npos);
}

TEST_CASE("a table without a header comes back without one; principal components give words, too") {
  const MixedRun mixed("pca --code 2", "2,3", false);
  const std::vector<std::string> back = lines_of(mixed.written("reconstruct", mixed.table));
  REQUIRE(back.size() == 150);
  CHECK(back[1].ends_with(",dark blue,9"));
  const json config = json::parse(read_bytes(mixed.run + "/config.json"));
  CHECK(config["spec"]["categories"].empty());
  // Which knows of no categories: each word is a column.
  const Output score = run_hourglass("score " + mixed.run + " " + mixed.table + " --json");
  CHECK(score.err == "");
  CHECK(json::parse(score.out)["worst"][0]["columns"].size() == 3);
  CHECK(std::filesystem::exists(mixed.run + "/report.html"));
}
