// The page of a run: what stands in it, and what does not.

#include <doctest/doctest.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "ae/model/model_file.h"
#include "tensor/files/png.h"
#include "tests/places.h"
#include "tests/tools/page_data.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"
#include "tools/report/data_uri.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

constexpr const char* kWicked = "<script>alert(1)</script>";

std::string page_of(const std::string& run) {
  const Output made = run_hourglass("report " + run);
  CHECK(made.err == "");
  REQUIRE(made.out == "wrote " + run + "/report.html\n");
  return read_bytes(run + "/report.html");
}

// Rows of two kinds, whose classes, and one of whose columns, have names that are no friends of a page.
std::string table() {
  std::string text = "\"a</script>\",b,c,kind\n";
  for (int i = 0; i < 120; ++i) {
    const double t = (i * 37 % 120) / 20.0;
    text += fmt::format("{},{},{},{}\n", t, 2 * t + 1, i % 10 == 9 ? 12 - t : 3 * t,
                        i % 2 == 0 ? kWicked : "tame");
  }
  return text;
}

// More classes than a legend has room for.
std::string many_classes() {
  std::string text = "a,b,kind\n";
  for (int i = 0; i < 1000; ++i)
    text += fmt::format("{},{},class {}\n", i * 37 % 101, i * 53 % 97, i % 100);
  return text;
}

std::string series() {
  std::string text = "left,right\n";
  for (int t = 0; t < 300; ++t) text += fmt::format("{},{}\n", t % 7, (t * t) % 11);
  return text;
}

std::string counts() {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += fmt::format("{} 1:{} 2:{} 3:{} 4:{}\n", i % 2, 1 + i % 3, 1 + (i + 1) % 4,
                        i % 2 * 5 + 1, 2);
  }
  return text;
}

// Runs of each kind of data.
struct Runs {
  TemporaryFolder folder;
  std::vector<std::string> all;

  void train(const std::string& name, const std::string& options) {
    const std::string run = folder.path(name);
    REQUIRE(run_hourglass("train " + options + " --batch 16 --out " + run).err == "");
    all.push_back(run);
  }
  Runs() {
    write_small_data(folder.path("digits"));
    write_bytes(folder.path("t.csv"), table());
    const std::string long_name = std::string(80, 's') + ".csv";
    write_bytes(folder.path(long_name), series());
    write_bytes(folder.path("c.svm"), counts());
    write_bytes(folder.path("m.csv"), many_classes());
    const std::string digits = " --data " + folder.path("digits");
    train("images", "vae --hidden 9 --code 2 --epochs 3 --validation 10" + digits);
    train("wide", "stacked --hidden 9,8 --code 4 --epochs 2 --pretrain 2" + digits);
    train("rows", "dense --code 2 --epochs 3 --label kind --data " + folder.path("t.csv"));
    train("series", "dense --code 3 --epochs 2 --window 8 --data " + folder.path(long_name));
    train("counts", "vae --hidden 5 --code 2 --epochs 2 --data " + folder.path("c.svm"));
    train("classes", "dense --code 2 --epochs 1 --label kind --data " + folder.path("m.csv"));
    train("codebook", "vq-vae --hidden 9 --code 4 --codebook 6,2 --epochs 2" + digits);
  }
};

}  // namespace

TEST_CASE("a report is one page that has what there is of a run, and asks for nothing") {
  const Folder f;
  const std::string run = f.folder.path("run");
  REQUIRE(f.train("cvae --hidden 9 --code 3 --epochs 2 --validation 10").err == "");
  const std::string page = page_of(run);
  CHECK(page.starts_with("<!doctype html>\n"));
  CHECK(page.find("default-src 'none'") != std::string::npos);
  for (const char* outside : {" src=\"http", " href=\"http", "url(http", "@import"}) {
    CHECK(page.find(outside) == std::string::npos);
  }
  const json data = data_in(page);
  CHECK(data["name"] == "run");
  CHECK(data["config"] == json::parse(read_bytes(run + "/config.json")));
  CHECK(data["metrics"].size() == 5);  // two epochs of two parts, and the test part
  CHECK(data["reconstructions_by_epoch"]["epochs"].size() == 2);
  CHECK(data["latent"]["points"].size() == 10);
  CHECK(data["latent"]["points"][3]["at"].size() == 2);
  CHECK(data["latent"]["points"][3]["number"] == 3);
  CHECK(data["reconstructions"]["best"].size() == 10);
  const json& best = data["reconstructions"]["best"];
  const json& worst = data["reconstructions"]["worst"];
  CHECK(best[0]["score"] <= best[9]["score"]);
  CHECK(best[0] == worst[9]);
  CHECK(data["explained"].get<double>() < 1);
  CHECK(data["step"]["lines"].size() > 5);
  for (const char* name : {"traversal", "samples", "filters"}) {
    CHECK(data[name]["picture"].get<std::string>().starts_with("data:image/png;base64,iVBOR"));
  }
  for (const char* name : {"manifold", "columns", "windows", "words"}) {
    CHECK_FALSE(data.contains(name));
  }
}

TEST_CASE("a run that was not trained has no step in its report") {
  const Folder f;
  const std::string run = f.folder.path("run");
  REQUIRE(
      run_hourglass("train pca --code 2 --data " + f.folder.path("data") + " --out " + run).err ==
      "");
  const json data = data_in(page_of(run));
  CHECK_FALSE(data.contains("step"));
  CHECK(data.contains("manifold"));
  CHECK(data["timing"].empty());
}

TEST_CASE("a training writes its page and the same images epoch by epoch, unless told not to") {
  const Folder f;
  const std::string run = f.folder.path("run");
  const Output output = f.train("dense --hidden 5 --code 2 --epochs 70 --no-diagnostics");
  REQUIRE(output.err == "");
  CHECK(output.out.ends_with("see " + run + "/report.html\n"));
  const json data = data_in(read_bytes(run + "/report.html"));
  CHECK(data["name"] == "run");
  CHECK(data["metrics"].size() == 71);
  std::vector<int> epochs;
  for (const json& each : data["reconstructions_by_epoch"]["epochs"])
    epochs.push_back(each["epoch"]);
  REQUIRE(epochs.size() == 50);
  CHECK(std::vector<int>(epochs.begin() + 30, epochs.begin() + 34) == std::vector{31, 32, 34, 36});
  CHECK(std::vector<int>(epochs.end() - 3, epochs.end()) == std::vector{64, 68, 70});

  REQUIRE(f.train("dense --hidden 5 --code 2 --epochs 1 --no-report --force").err == "");
  for (const char* name : {"/report.html", "/reconstructions.jsonl"}) {
    CHECK_FALSE(std::filesystem::exists(run + name));
  }
  CHECK_FALSE(data_in(page_of(run)).contains("reconstructions_by_epoch"));
}

TEST_CASE("a training that diverges has a page, and the exit code of one that diverged") {
  const Folder f;
  const Output output = f.train("linear --code 2 --lr 1e18 --optimizer sgd --epochs 2");
  CHECK(output.code == 1);
  CHECK(output.out.find("no report") == std::string::npos);
  const json data = data_in(read_bytes(f.folder.path("run/report.html")));
  CHECK(data["config"]["outcome"].get<std::string>().find("not finite") != std::string::npos);
}

TEST_CASE("reports of tables, series and counts have what their kind has") {
  const Runs runs;
  const json rows = data_in(page_of(runs.all[2]));
  CHECK(rows["columns"]["errors"].size() == 3);
  CHECK(rows["columns"]["worst"]["rows"][0]["columns"][0]["share"].get<double>() > 0.3);
  CHECK(rows["latent"]["texts"].size() == rows["latent"]["points"].size());
  const json series = data_in(page_of(runs.all[3]));
  CHECK(series["windows"]["channels"] == json({"left", "right"}));
  CHECK(series["latent"]["traces"]["width"] == 8);
  CHECK(series["latent"]["traces"]["height"] == 2);
  CHECK_FALSE(series["latent"].contains("sheets"));
  const json& window = series["windows"]["windows"][0];
  CHECK(window["original"].size() == 2);
  CHECK(window["reconstruction"][1].size() == 8);
  CHECK(series["windows"]["scores"].size() >= series["windows"]["windows"].size());
  const json counts = data_in(page_of(runs.all[4]));
  CHECK(counts["words"]["units"].size() == 2);
  CHECK(counts["words"]["units"][0]["more"].size() >= 1);
  CHECK_FALSE(counts.contains("explained"));
}

TEST_CASE("a report of a quantised code shows how its codebook is used") {
  const Runs runs;
  const json use = data_in(page_of(runs.all.back()))["codebook"];
  const std::string codes = runs.folder.path("codes.csv");
  REQUIRE(run_hourglass("encode " + runs.all.back() + " " +
                        runs.folder.path("digits/t10k-images-idx3-ubyte") + " -o " + codes)
              .err == "");
  std::istringstream numbers(replaced(read_bytes(codes), ",", " "));
  std::map<std::string, double> taken;  // vectors of two numbers, two an image, of ten
  for (double a = 0, b = 0; numbers >> a >> b;) taken[fmt::format("{:.4f} {:.4f}", a, b)] += 0.05;
  std::vector<double> shares(6), found = use["shares"];
  REQUIRE(taken.size() <= 6);
  std::transform(taken.begin(), taken.end(), shares.begin(),
                 [](const auto& t) { return t.second; });
  std::sort(shares.begin(), shares.end());
  std::sort(found.begin(), found.end());
  double entropy = 0;
  for (std::size_t i = 0; i < 6; ++i) {
    CHECK(found.at(i) == doctest::Approx(shares[i]));
    if (shares[i] > 0) entropy -= shares[i] * std::log(shares[i]);
  }
  CHECK(use["used"] == taken.size());
  CHECK(use["perplexity"].get<double>() == doctest::Approx(std::exp(entropy)).epsilon(1e-3));
  CHECK_FALSE(data_in(page_of(runs.all[0])).contains("codebook"));
}

TEST_CASE("names in the data are text to a report, whatever they are") {
  const Runs runs;
  const std::string page = page_of(runs.all[2]);
  CHECK(page.find(kWicked) == std::string::npos);
  CHECK(page.find("a</script>") == std::string::npos);
  const json data = data_in(page);
  CHECK(data["latent"]["classes"] == json({kWicked, "tame"}));
  const json& errors = data["columns"]["errors"];
  CHECK(std::any_of(errors.begin(), errors.end(),
                    [](const json& column) { return column["name"] == "a</script>"; }));
}

TEST_CASE("in a browser every plot of a report draws, and sliders, pointer and keyboard work" *
          doctest::test_suite("long")) {
  const Runs runs;
  std::string pages;
  for (const std::string& run : runs.all) {
    page_of(run);
    pages += " " + run + "/report.html";
  }
  check_in_browser("report_in_browser.py" + pages, "7 pages, ");
}

TEST_CASE("a run folder without its journals, or with others, is refused in one line") {
  const Folder f;
  const std::string run = f.folder.path("run");
  const auto refused = [&](const std::string& line) {
    const Output output = run_hourglass("report " + run);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
    CHECK_FALSE(std::filesystem::exists(run + "/report.html"));
  };
  REQUIRE(f.train("dense --hidden 5 --code 2 --epochs 1 --no-report").err == "");
  const std::string metrics = read_bytes(run + "/metrics.jsonl");
  write_bytes(run + "/metrics.jsonl", metrics + "{\"epoch\": 2,\n");
  refused("report: " + run +
          "/metrics.jsonl: line 3: parse error at line 1, column 13: syntax error "
          "while parsing object key - unexpected end of input; expected string literal");
  write_bytes(run + "/metrics.jsonl", metrics + "7\n");
  refused("report: " + run + "/metrics.jsonl: line 3: expected an object");
  std::filesystem::remove(run + "/metrics.jsonl");
  refused("report: " + run + "/metrics.jsonl: cannot open: No such file or directory");
}

TEST_CASE(
    "of a run that has not ended a report shows its last state, of none it says so in one line") {
  const Folder f;
  const std::string run = f.folder.path("run");
  REQUIRE(f.train("dense --hidden 5 --code 2 --epochs 2").err == "");
  json config = json::parse(read_bytes(run + "/config.json"));
  config["outcome"] = "training";
  write_bytes(run + "/config.json", config.dump());
  std::filesystem::remove(run + "/model.safetensors");
  const std::string wrote = "wrote " + run + "/report.html: its training ";
  const int held = open(run.c_str(), O_RDONLY);
  REQUIRE(flock(held, LOCK_EX) == 0);
  const Output made = run_hourglass("report " + run);
  CHECK(made.err == "");
  CHECK(made.out == wrote + "has not ended: what there is so far\n");
  CHECK_FALSE(data_in(read_bytes(run + "/report.html")).contains("killed"));
  close(held);
  CHECK(run_hourglass("report " + run).out == wrote + "was killed, hourglass train --resume " +
                                                  run + " goes on with it: what there is so far\n");
  const json data = data_in(read_bytes(run + "/report.html"));
  CHECK(data["reconstructions_by_epoch"]["epochs"].size() == 2);
  CHECK_FALSE(data.contains("latent"));
  CHECK(data["killed"] == "hourglass train --resume " + run);

  const auto refused = [&](const std::string& folder, const std::string& line) {
    const Output output = run_hourglass("report " + folder);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  };
  config["format"] = ae::kRunFormat + 1;
  write_bytes(run + "/config.json", config.dump());
  refused(run,
          fmt::format("run folder: {}/config.json: its format is {}, newer than {}, which this "
                      "version reads",
                      run, ae::kRunFormat + 1, ae::kRunFormat));
  std::filesystem::create_directory(f.folder.path("empty"));
  refused(f.folder.path("empty"), "run folder: " + f.folder.path("empty") +
                                      "/config.json: cannot open: No such file or directory");
}

TEST_CASE("a column without a name is called one on a page") {
  const TemporaryFolder folder;
  std::string numbers;
  for (int i = 0; i < 40; ++i) numbers += fmt::format("{},{}\n", i % 7, i % 5);
  write_bytes(folder.path("t.csv"), numbers);
  const std::string run = folder.path("run");
  REQUIRE(run_hourglass("train dense --code 1 --epochs 1 --data " + folder.path("t.csv") +
                        " --out " + run)
              .err == "");
  const json data = data_in(read_bytes(run + "/report.html"));
  for (const json& column : data["columns"]["errors"]) {
    CHECK(column["name"].get<std::string>().starts_with("column "));
  }
  CHECK(data["latent"]["texts"][0].get<std::string>().starts_with("most of it: column "));
}

TEST_CASE("pictures of a report are PNG images in base64, none larger than asked for") {
  using tools::base64;
  CHECK(base64("") == "");
  CHECK(base64("M") == "TQ==");
  CHECK(base64("Ma") == "TWE=");
  CHECK(base64("Man") == "TWFu");
  CHECK(base64(std::string("\0\xff\xfe", 3)) == "AP/+");

  Tensor images(Shape{2, 5, 6}, DType::kU8);
  for (std::int64_t i = 0; i < images.elements(); ++i) {
    images.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(i);
  }
  CHECK(tools::reduced(images, 6).identical(images));
  const Tensor half = tools::reduced(images, 3);
  REQUIRE(half.shape() == Shape{2, 2, 3});
  CHECK(half.at(0) == 4);       // of 0, 1, 6, 7: 3.5
  CHECK(half.at(2 * 3) == 34);  // of 30, 31, 36, 37: 33.5
  const Tensor colours = tools::reduced(images.reshape(Shape{1, 5, 4, 3}), 2);
  REQUIRE(colours.shape() == Shape{1, 1, 1, 3});
  CHECK(colours.at(1) == 16);  // of rows and columns 0 to 2: 12 + 3 + 1
  // Red, green and blue of squares that are all of one colour.
  Tensor squares(Shape{2, 4, 6, 3}, DType::kU8);
  for (std::int64_t i = 0; i < squares.elements(); ++i) {
    const std::int64_t x = i / 3 % 6, y = i / 18 % 4, n = i / 72;
    squares.data<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(100 * n + 30 * (y / 2) + 10 * (x / 2) + i % 3);
  }
  const Tensor plain = tools::reduced(squares, 3);
  REQUIRE(plain.shape() == Shape{2, 2, 3, 3});
  for (std::int64_t i = 0; i < plain.elements(); ++i) {
    CHECK(plain.at(i) == 100 * (i / 18) + 30 * (i / 9 % 2) + 10 * (i / 3 % 3) + i % 3);
  }
}
