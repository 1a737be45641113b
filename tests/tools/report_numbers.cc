// The numbers of a page are those of the commands, and its choice of examples is what it says.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "tests/tools/page_data.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

using Table = std::vector<std::vector<double>>;

// The numbers of a CSV file, words as 0; of a header nothing.
Table table_in(const std::string& path) {
  Table rows;
  std::istringstream lines(read_bytes(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_of("0123456789") != 0 && line[0] != '-') continue;
    std::vector<double>& row = rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, ',');) {
      const bool number = !field.empty() && field.find_first_not_of("0123456789.+-e") == field.npos;
      row.push_back(number ? std::stod(field) : 0);
    }
  }
  return rows;
}

doctest::Approx about(double x) { return doctest::Approx(x).epsilon(1e-3); }

// A run, other data that it has not seen, and its page of them.
struct Page {
  TemporaryFolder folder;
  std::string run = folder.path("run"), other;

  Page(const std::string& options, const std::string& name, const std::string& learnt,
       const std::string& others)
      : other(folder.path("other" + name)) {
    write_bytes(folder.path("learnt" + name), learnt);
    write_bytes(other, others);
    REQUIRE(run_hourglass("train " + options + " --no-report --data " +
                          folder.path("learnt" + name) + " --out " + run)
                .err == "");
  }
  json data() const {
    REQUIRE(run_hourglass("report " + run + " --data " + other).err == "");
    return data_in(read_bytes(run + "/report.html"));
  }
  Table written(const std::string& command) const {
    const std::string path = folder.path("written.csv");
    REQUIRE(run_hourglass(command + " " + run + " " + other + " -o " + path).err == "");
    return table_in(path);
  }
};

// Rows of five numbers and a class that two principal components do not hold.
std::string rows_of_five(int count, int shift) {
  std::string text = "a,b,c,d,e,kind\n";
  for (int i = shift; i < count + shift; ++i) {
    text += fmt::format("{:.3f},{:.3f},{},{},{},{}\n", i * 37 % 101 / 10.0, i * 53 % 97 / 7.0,
                        i * i % 13, i * 7 % 11, i * i * i % 17, i % 3 ? "tame" : "wild");
  }
  return text;
}

std::string words_of_documents(int count, int shift) {
  std::string text;
  for (int i = shift; i < count + shift; ++i) {
    text += std::to_string(i % 2);
    for (int word = 1; word <= 24; ++word) {
      if ((word + i * i) % 5 < 3) {
        text += fmt::format(" {}:{}", word, 1 + (i * word + (word % 2 == i % 2 ? 9 : 0)) % 12);
      }
    }
    text += "\n";
  }
  return text;
}

std::string two_channels(int steps, int shift) {
  std::string text = "flow,pressure\n";
  for (int i = shift; i < steps + shift; ++i) {
    text += fmt::format("{:.4f},{}\n", 10 + std::sin(0.3 * i), 200 + i * i % 23);
  }
  return text;
}

}  // namespace

TEST_CASE("the rows of a page have the scores, codes and reconstructions that the commands give") {
  const Page page("pca --code 2 --label kind", ".csv", rows_of_five(90, 0), rows_of_five(40, 200));
  const Table given = table_in(page.other), scores = page.written("score"),
              codes = page.written("encode"), back = page.written("reconstruct");
  const json data = page.data();
  REQUIRE(scores.size() == 40);
  const json& points = data["latent"]["points"];
  REQUIRE(points.size() == 40);
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(points[i]["number"] == i);
    CHECK(points[i]["score"].get<double>() == about(scores[i][1]));
    CHECK(points[i]["class"] == ((i + 200) % 3 ? "tame" : "wild"));
    for (std::size_t k = 0; k < 2; ++k) {
      CHECK(points[i]["at"][k].get<double>() == about(codes[i][k]));
    }
    const auto errors = scores[i].begin() + 3;
    const auto worst = std::max_element(errors, scores[i].end());
    const std::string reason =
        fmt::format("most of it: {} {:.0f} %, ", "abcde"[worst - errors],
                    100 * *worst / std::accumulate(errors, scores[i].end(), 0.0));
    const std::string text = data["latent"]["texts"][i];
    CHECK(text.starts_with(reason));
    CHECK(std::count(text.begin(), text.end(), '%') == 3);
  }
  CHECK(data["latent"]["axes"] == json({"unit 0", "unit 1"}));
  CHECK(data["latent"]["classes"] == json({"tame", "wild"}));

  const json worst = data["columns"]["worst"];
  CHECK(worst["of"] == 40);
  REQUIRE(worst["rows"].size() == 12);
  std::vector<double> sorted;
  for (const auto& row : scores) sorted.push_back(-row[1]);
  std::sort(sorted.begin(), sorted.end());
  for (std::size_t k = 0; k < 12; ++k) {
    const json& row = worst["rows"][k];
    const auto at = row["number"].get<std::size_t>();
    CHECK(scores[at][1] == -sorted[k]);
    REQUIRE(row["columns"].size() == 4);
    for (const json& column : row["columns"]) {
      const std::size_t c = std::string("abcde").find(column["name"].get<std::string>());
      CHECK(column["share"].get<double>() ==
            doctest::Approx(scores[at][3 + c] / (5 * scores[at][1])).epsilon(2e-3));
      CHECK(column["value"].get<double>() == about(given[at][c]));
      CHECK(column["reconstruction"].get<double>() == about(back[at][c]));
    }
    CHECK(row["columns"][0]["share"] >= row["columns"][3]["share"]);
  }
}

TEST_CASE(
    "the columns of a page have the mean of their errors, the largest first, and their loss") {
  const Page page("pca --code 2 --label kind", ".csv", rows_of_five(90, 0), rows_of_five(40, 200));
  const Table given = table_in(page.other), scores = page.written("score"),
              back = page.written("reconstruct");
  const json data = page.data();
  const json evaluated = json::parse(
      run_hourglass("evaluate " + page.run + " --json --data " + page.other).out)["columns"];
  double before = 1e9, errors = 0, deviations = 0;
  for (const json& column : data["columns"]["errors"]) {
    const std::size_t c = std::string("abcde").find(column["name"].get<std::string>());
    double mean = 0, error = 0, squares = 0, deviation = 0;
    for (std::size_t i = 0; i < 40; ++i) {
      mean += given[i][c] / 40;
      error += scores[i][3 + c];
      squares += std::pow(given[i][c] - back[i][c], 2);
    }
    for (std::size_t i = 0; i < 40; ++i) deviation += std::pow(given[i][c] - mean, 2);
    CHECK(column["error"].get<double>() == about(error / 40));
    CHECK(column["error"] <= before);
    before = column["error"];
    CHECK(column["entries"] == 40);
    CHECK(column["loss"].get<double>() == about(squares / 40));
    CHECK(column["loss"].get<double>() == about(evaluated[c]["mse"]));
    CHECK_FALSE(column.contains("wrong"));
    errors += error;
    deviations += deviation * error / squares;  // in the model's numbers
  }
  CHECK(data["explained"].get<double>() == about(1 - errors / deviations));
}

TEST_CASE(
    "codes of one unit lie beside their errors, those of three on their principal components") {
  const Page one("pca --code 1 --label kind", ".csv", rows_of_five(90, 0), rows_of_five(40, 200));
  const Table codes = one.written("encode");
  const json latent = one.data()["latent"];
  CHECK(latent["axes"] == json({"unit 0", "error"}));
  for (std::size_t i = 0; i < 40; ++i) {
    CHECK(latent["points"][i]["at"][0].get<double>() == about(codes[i][0]));
    CHECK(latent["points"][i]["at"][1] == latent["points"][i]["score"]);
  }
  const Page three("pca --code 3 --label kind", ".csv", rows_of_five(90, 0), rows_of_five(40, 200));
  const Table wide = three.written("encode");
  const json plane = three.data()["latent"];
  const auto variance = [](const std::vector<double>& x) {
    const double mean = std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
    double sum = 0;
    for (const double each : x) sum += (each - mean) * (each - mean);
    return sum;
  };
  double whole = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    std::vector<double> unit;
    for (const auto& code : wide) unit.push_back(code[k]);
    whole += variance(unit);
  }
  double before = whole;
  for (std::size_t k = 0; k < 2; ++k) {
    std::vector<double> at;
    for (const json& point : plane["points"]) at.push_back(point["at"][k]);
    const double own = variance(at);
    CHECK(own < before);
    before = own;
    CHECK(plane["axes"][k] == fmt::format("principal component {} ({:.0f} % of the variance)",
                                          k + 1, 100 * own / whole));
  }
}

TEST_CASE("the windows of a page are those of the data, the worst and some evenly through time") {
  const Page page("pca --code 3 --window 8", ".csv", two_channels(300, 0), two_channels(167, 400));
  const Table given = table_in(page.other);
  const json data = page.data()["windows"];
  CHECK(data["channels"] == json({"flow", "pressure"}));
  REQUIRE(data["scores"].size() == 160);
  std::vector<std::pair<double, std::size_t>> worst;
  for (std::size_t i = 0; i < 160; ++i) {
    CHECK(data["scores"][i]["number"] == i);
    worst.emplace_back(-data["scores"][i]["score"].get<double>(), i);
  }
  std::stable_sort(worst.begin(), worst.end());
  std::vector<std::size_t> shown;
  for (const json& window : data["windows"]) {
    const std::size_t at = shown.emplace_back(window["number"].get<std::size_t>());
    CHECK(window["score"] == data["scores"][at]["score"]);
    double squares = 0;
    for (std::size_t c = 0; c < 2; ++c) {
      REQUIRE(window["original"][c].size() == 8);
      for (std::size_t t = 0; t < 8; ++t) {
        CHECK(window["original"][c][t].get<double>() == about(given[at + t][c]));
        squares += std::pow(
            window["original"][c][t].get<double>() - window["reconstruction"][c][t].get<double>(),
            2);
      }
    }
    CHECK(squares > 0);
  }
  CHECK(std::is_sorted(shown.begin(), shown.end()));
  const auto is_shown = [&](std::size_t i) {
    return std::find(shown.begin(), shown.end(), i) != shown.end();
  };
  for (std::size_t k = 0; k < 17; ++k) CHECK(is_shown(worst[k].second));
  for (std::size_t k = 0; k < 64; ++k) CHECK(is_shown(k * 160 / 64));
  CHECK(shown.size() <= 64 + 17);
}

TEST_CASE("a unit's words are those that become likelier from one end of it to the other") {
  const Page page("linear --loss poisson --code 2 --epochs 20 --batch 8", ".svm",
                  words_of_documents(60, 0), words_of_documents(30, 100));
  const Table codes = page.written("encode");
  const json units = page.data()["words"]["units"];
  REQUIRE(units.size() == 2);
  std::vector<double> mean(2), deviation(2);
  for (std::size_t k = 0; k < 2; ++k) {
    for (const auto& code : codes) mean[k] += code[k] / static_cast<double>(codes.size());
    for (const auto& code : codes) {
      deviation[k] += std::pow(code[k] - mean[k], 2) / static_cast<double>(codes.size());
    }
    deviation[k] = std::sqrt(deviation[k]);
  }
  CHECK(deviation[units[0]["unit"].get<std::size_t>()] >
        deviation[units[1]["unit"].get<std::size_t>()]);
  for (const json& unit : units) {
    const auto k = unit["unit"].get<std::size_t>();
    std::string ends;
    for (const double way : {-2.0, 2.0}) {
      std::vector<double> code = mean;
      code[k] += way * deviation[k];
      ends += fmt::format("{:.9g},{:.9g}\n", code[0], code[1]);
    }
    const std::string path = page.folder.path("ends.csv"), out = page.folder.path("decoded.csv");
    write_bytes(path, ends);
    REQUIRE(run_hourglass("decode " + page.run + " " + path + " -o " + out).err == "");
    Table decoded = table_in(out);
    REQUIRE(decoded.size() >= 2);
    decoded.erase(decoded.begin(), decoded.end() - 2);
    for (auto& row : decoded) {
      const double all = std::accumulate(row.begin(), row.end(), 0.0);
      for (double& x : row) x /= all;
    }
    for (const auto& [name, to, from] :
         {std::tuple{"more", decoded[1], decoded[0]}, {"less", decoded[0], decoded[1]}}) {
      std::vector<std::pair<double, std::size_t>> gains;
      for (std::size_t d = 0; d < to.size(); ++d) {
        gains.emplace_back(-to[d] * std::log(to[d] / from[d]), d + 1);
      }
      std::sort(gains.begin(), gains.end());
      const json& words = unit[name];
      CHECK(words.size() <= 10);
      CHECK(words.size() >= 5);
      for (std::size_t i = 0; i < words.size(); ++i) {
        CHECK(words[i] == std::to_string(gains[i].second));
      }
      if (words.size() < 10) CHECK(gains[words.size()].first >= 0);
    }
  }
}
