#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "nn/data/read_data.h"
#include "tensor/files/png.h"
#include "tests/tools/program.h"

using namespace hourglass;
using test::run_hourglass;

namespace {

// Rows on a line in three dimensions, but for every tenth, which is off it in the column `c`.
std::string odd_line() {
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
    test::write_bytes(data, odd_line());
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
  CHECK(csv.starts_with("example,score,anomaly,error of a,error of b,error of c\n0,"));
  CHECK(std::count(csv.begin(), csv.end(), '\n') == 201);
  const Tensor numbers = nn::read_data(scored.folder.path("s.csv")).all.examples;
  REQUIRE(numbers.shape() == Shape{200, 6});
  for (std::int64_t i = 0; i < 200; ++i) {
    const double sum = numbers.at(6 * i + 3) + numbers.at(6 * i + 4) + numbers.at(6 * i + 5);
    CHECK(numbers.at(6 * i + 1) == doctest::Approx(sum / 3));
  }
  const test::Output text = scored.score("");
  CHECK(text.out.starts_with("the worst of 200 rows, 160 of them trained on:\n"));
  CHECK(text.out.find("roc_auc") != std::string::npos);
}

TEST_CASE(
    "a label that was no part of the training changes nothing of which rows were trained on") {
  const Scored scored;
  const std::string run = scored.folder.path("without");
  REQUIRE(
      run_hourglass("train pca --code 1 --data " + scored.data + " --drop odd --out " + run).code ==
      0);
  const test::Output output =
      run_hourglass("score " + run + " " + scored.data + " --label odd --json");
  REQUIRE(output.err == "");
  CHECK(nlohmann::json::parse(output.out)["trained_on"] == 160);
}

TEST_CASE("a column's name is printed as one word of a line") {
  const test::TemporaryFolder folder;
  const std::string data = folder.path("t.csv"), run = folder.path("run");
  std::string text = "a,\"li\nne\"\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},{}\n", i * 7 % 40, i * 11 % 40);
  test::write_bytes(data, text);
  REQUIRE(run_hourglass("train pca --code 1 --data " + data + " --out " + run).code == 0);
  const test::Output output = run_hourglass("score " + run + " " + data);
  CHECK(output.out.find("li\\x0ane") != std::string::npos);
  CHECK(output.out.find("li\nne") == std::string::npos);
}

TEST_CASE("columns that were constant in what was learnt are named: nothing is seen of them") {
  const test::TemporaryFolder folder;
  const std::string data = folder.path("t.csv"), run = folder.path("run");
  std::string text = "a,unit,b,\"zer\no\"\n";
  for (int i = 0; i < 40; ++i) text += fmt::format("{},7,{},0\n", i * 7 % 40, i * 11 % 40);
  test::write_bytes(data, text);
  test::write_bytes(folder.path("other.csv"), "a,unit,b,\"zer\no\"\n1,900,2,-5\n3,7,4,0\n");
  for (const std::string scale : {"standard", "minmax", "none"}) {
    CAPTURE(scale);
    REQUIRE(run_hourglass("train pca --code 1 --scale " + scale + " --data " + data + " --out " +
                          run + " --force")
                .code == 0);
    const std::string words = "score " + run + " " + folder.path("other.csv");
    const std::string out = run_hourglass(words).out;
    const bool said = out.find(
                          "\nthe same to the model whatever they hold, being constant in what "
                          "was learnt: unit, zer\\x0ao\n") != std::string::npos;
    CHECK(said == (scale != "none"));
    const auto names = nlohmann::json::parse(run_hourglass(words + " --json").out)["not_looked_at"];
    CHECK(names.size() == (scale == "none" ? 0 : 2));
    const std::string worst = out.substr(0, out.find(" above the threshold"));
    CHECK((worst.find("  unit ") != std::string::npos) == (scale == "none"));
  }
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
  refused("--picture s.jpg", "picture: s.jpg: expected a name that ends in .png");
  refused("--label od", "score: " + scored.data + ": has no column od of labels");
  const std::string calm = scored.folder.path("calm.csv");
  test::write_bytes(calm, "a,b,c,odd\n1,3,3,0\n2,5,6,0\n");
  const auto none = run_hourglass("score " + scored.run + " " + calm + " --label odd");
  CHECK(none.code == 2);
  CHECK(none.err == "hourglass: error: score: " + calm +
                        ": by its column odd none of the 2 rows is an anomaly\n");
  test::write_bytes(calm, "a,b,c,odd\n1,3,3,east\n2,5,6,west\n");
  CHECK(run_hourglass("score " + scored.run + " " + calm + " --label odd").err ==
        "hourglass: error: score: " + calm +
            ": by its column odd every one of the 2 rows is an anomaly: it has no 0 and nothing "
            "that is called normal\n");
}

TEST_CASE("a series is scored by time step: VUS-PR, a line each, and a picture of its course") {
  const test::TemporaryFolder folder;
  const auto recording = [](int steps, int wrong) {
    std::string text = "flow,pressure,odd\n";
    for (int i = 0; i < steps; ++i) {
      const bool odd = i >= wrong && i < wrong + 6;
      text += fmt::format("{:.4f},{:.4f},{}\n", std::sin(0.4 * i) + (odd ? 4 : 0),
                          std::cos(0.4 * i) - (odd ? 4 : 0), odd ? 1 : 0);
    }
    return text;
  };
  const std::string train = folder.path("train.csv"), data = folder.path("data.csv"),
                    run = folder.path("run");
  test::write_bytes(train, recording(300, 400));
  test::write_bytes(data, recording(120, 60));
  REQUIRE(
      run_hourglass("train pca --code 3 --window 8 --label odd --data " + train + " --out " + run)
          .code == 0);
  const std::string csv = folder.path("s.csv"), png = folder.path("s.png");
  const test::Output output = run_hourglass("score " + run + " " + data +
                                            " --label odd --json -o " + csv + " --picture " + png);
  REQUIRE(output.err == "");
  const auto json = nlohmann::json::parse(output.out);
  CHECK(json["examples"] == 113);
  CHECK(json["roc_auc"].get<double>() > 0.95);
  CHECK(json["vus_pr"].get<double>() > 0.5);
  CHECK(json["vus_pr"].get<double>() <= 1);
  const std::string worst = json["worst"][0]["columns"].items().begin().key();
  CHECK((worst.starts_with("flow +") || worst.starts_with("pressure +")));
  const std::string lines = test::read_bytes(csv);
  CHECK(lines.starts_with("step,score,anomaly\n0,"));
  CHECK(std::count(lines.begin(), lines.end(), '\n') == 121);
  CHECK(lines.find("\n62,") != std::string::npos);
  const std::size_t wrong = lines.find("\n62,");
  CHECK(lines[lines.find('\n', wrong + 1) - 1] == '1');
  const Tensor picture = read_png(png);
  REQUIRE(picture.shape() == Shape{300, 984, 3});
  const auto colour = [&](std::int64_t x, std::int64_t y) {
    const auto* p = picture.data<std::uint8_t>() + (y * 984 + x) * 3;
    return std::vector<int>{p[0], p[1], p[2]};
  };
  // Light red behind steps 60 to 65 of 120, white elsewhere, above the course.
  CHECK(colour(12 + 960 * 62 / 120, 14) == std::vector<int>{250, 220, 215});
  CHECK(colour(12 + 960 * 70 / 120, 14) == std::vector<int>{255, 255, 255});
  const std::string brief = folder.path("brief.csv");
  test::write_bytes(brief, recording(5, 9));
  const test::Output refused = run_hourglass("score " + run + " " + brief);
  CHECK(refused.code == 2);
  CHECK(refused.err == "hourglass: error: window: " + brief +
                           ": 8 steps are more than the 5 of the longest recording\n");
}

TEST_CASE("anomalies may be of a class that was not there to be learnt, in any order of names") {
  const test::TemporaryFolder folder;
  const auto steps = [](int count, int attacked) {
    std::string text = "a,b,kind\n";
    for (int i = 0; i < count; ++i) {
      const bool odd = i >= attacked && i < attacked + 6;
      text += fmt::format("{:.4f},{:.4f},{}\n", std::sin(0.4 * i) + (odd ? 3 : 0),
                          std::cos(0.4 * i), odd ? "attack" : "normal");
    }
    return text;
  };
  const std::string train = folder.path("train.csv"), data = folder.path("data.csv"),
                    run = folder.path("run");
  test::write_bytes(train, steps(100, 200));
  test::write_bytes(data, steps(60, 30));
  for (const char* form : {"--code 1", "--code 2 --window 4"}) {
    CAPTURE(form);
    REQUIRE(run_hourglass(std::string("train pca --force --label kind ") + form + " --data " +
                          train + " --out " + run)
                .code == 0);
    const test::Output output = run_hourglass("score " + run + " " + data + " --label kind --json");
    REQUIRE(output.err == "");
    CHECK(nlohmann::json::parse(output.out)["roc_auc"].get<double>() > 0.8);
  }
}

TEST_CASE("a picture of scores has the training rows' bars, these rows' lines and the threshold") {
  const Scored scored;
  const std::string png = scored.folder.path("s.png");
  const test::Output output = scored.score("--picture " + png);
  CHECK(output.out.ends_with("wrote " + png + "\n"));
  const Tensor picture = read_png(png);
  REQUIRE(picture.shape() == Shape{300, 744, 3});
  const auto pixels_of = [&](std::uint8_t r, std::uint8_t g, std::uint8_t b) {
    const auto* p = picture.data<std::uint8_t>();
    int count = 0;
    for (std::int64_t i = 0; i < picture.elements(); i += 3) {
      count += p[i] == r && p[i + 1] == g && p[i + 2] == b ? 1 : 0;
    }
    return count;
  };
  CHECK(pixels_of(205, 40, 40) == 2 * 276);  // the threshold, as high as the picture
  CHECK(pixels_of(190, 190, 190) > 1000);
  CHECK(pixels_of(31, 90, 170) > 500);
}
