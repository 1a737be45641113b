#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "tests/tools/program.h"

using namespace hourglass;
using test::run_hourglass;

namespace {

// Rows on a line in three dimensions, but for every tenth, which is off it in the column `c`.
std::string table() {
  std::string text = "a,b,c,odd\n";
  for (int i = 0; i < 200; ++i) {
    const bool odd = i % 10 == 9;
    const double t = (i * 37 % 200) / 20.0;
    text += fmt::format("{},{},{},{}\n", t, 2 * t + 1, odd ? 12 - t : 3 * t, odd ? 1 : 0);
  }
  return text;
}

struct Scored {
  test::TemporaryFolder folder;
  std::string data = folder.path("t.csv"), run = folder.path("run");

  Scored() {
    test::write_bytes(data, table());
    REQUIRE(run_hourglass("train pca --code 1 --data " + data + " --label odd --out " + run).err ==
            "");
  }
  test::Output score(const std::string& options) const {
    return run_hourglass("score " + run + " " + data + " " + options);
  }
};

}  // namespace

TEST_CASE("rows that a model cannot give back rank above the others") {
  const Scored scored;
  const test::Output output = scored.score("--json -o " + scored.folder.path("s.csv"));
  REQUIRE(output.err == "");
  const auto json = nlohmann::json::parse(output.out);
  CHECK(json["examples"] == 200);
  CHECK(json["trained_on"] == 160);
  CHECK(json["roc_auc"].get<double>() > 0.85);
  CHECK(json["average_precision"].get<double>() > 0.5);
  CHECK(json["f1"].get<double>() > 0.5);
  CHECK(json["worst"].size() == 5);
  CHECK(json["worst"][0]["example"].get<int>() % 10 == 9);
  CHECK(json["worst"][0]["columns"].size() == 3);
  const std::string csv = test::read_bytes(scored.folder.path("s.csv"));
  CHECK(csv.starts_with("example,score,anomaly\n0,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 201);
  const test::Output text = scored.score("");
  CHECK(text.out.starts_with("the worst of 200 rows, 160 of them trained on:\n"));
  CHECK(text.out.find("roc_auc") != std::string::npos);
}

TEST_CASE("a category is one reason, by its column's name and the cross-entropy of its words") {
  const test::TemporaryFolder folder;
  const std::string data = folder.path("t.csv"), run = folder.path("run");
  std::string text = "size,colour\n";
  for (int i = 0; i < 120; ++i) {
    const bool odd = i == 77;
    text += fmt::format("{},{}\n", i % 2 == 0 ? 1 : 9, (i % 2 == 0) == odd ? "red" : "blue");
  }
  test::write_bytes(data, text);
  REQUIRE(run_hourglass("train dense --code 2 --hidden 12 --epochs 60 --batch 10 --lr 0.01 "
                        "--no-diagnostics --category colour --data " +
                        data + " --out " + run)
              .err == "");
  const auto json =
      nlohmann::json::parse(run_hourglass("score " + run + " " + data + " --json").out);
  const auto& worst = json["worst"][0];
  CHECK(worst["example"] == 77);
  // A squared error of probabilities is at most 2: no such score.
  CHECK(worst["score"].get<double>() > 1);
  REQUIRE(worst["columns"].contains("colour"));
  CHECK(worst["columns"].size() <= 2);
}

TEST_CASE("the threshold lies where that share of the training rows is above it") {
  const Scored scored;
  const auto above = [&](const char* share) {
    const auto json =
        nlohmann::json::parse(scored.score(std::string("--json --contamination ") + share).out);
    return json["above"].get<double>() / json["examples"].get<double>();
  };
  CHECK(above("0.2") == doctest::Approx(0.2).epsilon(0.2));
  CHECK(above("0.5") == doctest::Approx(0.5).epsilon(0.2));
}

TEST_CASE("what score cannot do is said in one line") {
  const Scored scored;
  const auto refused = [&](const std::string& options, const std::string& line) {
    const test::Output output = scored.score(options);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  };
  refused("--contamination 1", "score: contamination: must be between 0 and 1: got 1");
  refused("-o s.txt", "output: s.txt: expected a name that ends in .csv");
  refused("--label od", "score: " + scored.data + ": has no column od of labels");
}
