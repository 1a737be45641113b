// Runs beside each other: as text, as JSON, as a page.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <filesystem>

#include "tensor/files/npy.h"
#include "tests/places.h"
#include "tests/tools/page_data.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

// Runs a, b and c of one data set; rows of another.
struct Three {
  Folder f;
  std::string a = f.folder.path("a"), b = f.folder.path("b"), rows = f.folder.path("rows");

  Three() {
    const std::string digits = " --data " + f.folder.path("data");
    std::string table = "<b>x</b>,y\n";
    for (int i = 0; i < 60; ++i) table += fmt::format("{},{}\n", i, i * i % 7);
    write_bytes(f.folder.path("t.csv"), table);
    train("vae --hidden 9 --code 2 --epochs 12 --validation 10 --out " + a + digits);
    train("dense --hidden 9 --code 3 --epochs 5 --out " + b + digits);
    train("dense --code 1 --epochs 2 --split 50,0,50 --out " + rows + " --data " +
          f.folder.path("t.csv"));
  }
  static void train(const std::string& options) {
    REQUIRE(run_hourglass("train " + options + " --batch 16 --no-report").err == "");
  }
};

// Whether there is a line of these words.
bool has_line(const std::string& text, const std::string& words) {
  return !matches(text, "\n" + replaced(words, " ", " +") + "\n").empty();
}

json figure(const json& all, const std::string& name) {
  for (const json& line : all["figures"]) {
    if (line["name"] == name) return line["values"];
  }
  return nullptr;
}

}  // namespace

TEST_CASE("compare has a table of runs, their losses by epoch, and what differs") {
  const Three three;
  const Output text = run_hourglass("compare " + three.a + " " + three.b);
  CHECK(text.err == "");
  CHECK(has_line(text.out, "model vae dense"));
  CHECK(has_line(text.out, "epochs 12 5"));
  CHECK(has_line(text.out, "unit of the loss bce per image bce per pixel"));
  CHECK(has_line(text.out, "unit bce per image bce per pixel"));
  const std::size_t curves = text.out.find("\n\ntraining loss after epoch");
  REQUIRE(curves != std::string::npos);
  for (const char* epoch : {"\n1  ", "\n2  ", "\n5  ", "\n10  ", "\n12  "}) {
    CHECK(text.out.find(epoch, curves) != std::string::npos);
  }
  CHECK_FALSE(holds(text.out, "\n3  "));
  CHECK(has_line(text.out, "spec.rule.kind gaussian deterministic"));

  const json all = json::parse(run_hourglass("compare " + three.a + " " + three.b + " --json").out);
  CHECK(figure(all, "code") == json({2, 3}));
  CHECK(figure(all, "validation loss")[1].is_null());
  CHECK(figure(all, "test mse")[0].is_number());
  CHECK(all["pictures"]["runs"].size() == 2);
  CHECK(all["runs"][1]["metrics"].size() == 6);
}

TEST_CASE("compared runs of one name are told apart by their paths, and those of other data said") {
  const Three three;
  const std::string other = three.f.folder.path("more/a");
  std::filesystem::create_directory(three.f.folder.path("more"));
  std::filesystem::copy(three.a, other);
  std::filesystem::remove(other + "/model.safetensors");
  const json all = json::parse(
      run_hourglass("compare " + three.a + " " + other + " " + three.rows + " --json").out);
  CHECK(all["runs"][0]["name"] == three.a);
  CHECK(all["runs"][1]["name"] == other);
  CHECK(all["pictures"]["runs"].size() == 1);  // the second has no weights
  CHECK(all["other_examples"] == json({"rows"}));
  CHECK(all["runs"][2]["loss_unit"] == "mse per column");
  CHECK(all["differences"][0]["name"] == "data");
}

TEST_CASE("compared rows and windows have the data's numbers and what each run makes of them") {
  const TemporaryFolder folder;
  const auto path = [&](const std::string& name) { return folder.path(name); };
  // 14 columns, of which the 12 with the largest numbers are shown; two channels.
  const auto number = [](int row, int column) { return row * (column + 3) % 17 + 2 * column; };
  const auto table = [&](int from, int columns) {
    std::string text;
    for (int c = 0; c < columns; ++c) text += fmt::format("{}c{}", c ? "," : "", c);
    for (int i = from; i < from + 40; ++i) {
      for (int c = 0; c < columns; ++c) text += fmt::format("{}{}", c ? "," : "\n", number(i, c));
    }
    return text + "\n";
  };
  const auto compared = [&](int columns, const std::string& options) {
    write_bytes(path("learnt.csv"), table(0, columns));
    write_bytes(path("other.csv"), table(100, columns));
    for (const char* code : {"1", "2"}) {
      REQUIRE(run_hourglass(fmt::format("train pca --force --no-report --code {0} {1} --out {2} "
                                        "--data {3}",
                                        code, options, path(code), path("learnt.csv")))
                  .err == "");
      REQUIRE(run_hourglass(
                  fmt::format("reconstruct {0} {1} -o {0}.npy", path(code), path("other.csv")))
                  .err == "");
    }
    return json::parse(run_hourglass(fmt::format("compare {} {} --json --data {}", path("1"),
                                                 path("2"), path("other.csv")))
                           .out);
  };
  const auto is = [](const json& shown, double x) {
    CHECK(shown.get<double>() == doctest::Approx(x).epsilon(1e-3));
  };
  const json rows = compared(14, "")["rows"];
  CHECK(rows["names"] == json({"1", "2"}));
  REQUIRE(rows["rows"].size() == 6);
  for (int i = 0; i < 6; ++i) {
    const json& row = rows["rows"][static_cast<std::size_t>(i)];
    CHECK(row["number"] == i);
    REQUIRE(row["columns"].size() == 12);
    double before = 1e9;
    for (const json& entry : row["columns"]) {
      const int c = std::stoi(entry["name"].get<std::string>().substr(1));
      is(entry["value"], number(100 + i, c));
      CHECK(entry["value"] <= before);
      before = entry["value"];
      for (std::size_t run = 0; run < 2; ++run) {
        const auto back = hourglass::read_npy(path(run == 0 ? "1.npy" : "2.npy"));
        is(entry["reconstructions"][run], back.at(14 * i + c));
      }
    }
  }
  const json windows = compared(2, "--window 5 --split 70,15,15")["windows"];
  CHECK(windows["channels"] == json({"c0", "c1"}));
  REQUIRE(windows["windows"].size() == 6);
  for (int i = 0; i < 6; ++i) {
    const json& window = windows["windows"][static_cast<std::size_t>(i)];
    CHECK(window["reconstructions"].size() == 2);
    CHECK(window["reconstructions"][1][1].size() == 5);
    for (int c = 0; c < 2; ++c) {
      for (int step = 0; step < 5; ++step) {
        is(window["original"][static_cast<std::size_t>(c)][static_cast<std::size_t>(step)],
           number(100 + i + step, c));
      }
    }
  }
}

TEST_CASE("a long cell of compare's table is cut") {
  const Three three;
  std::string config = read_bytes(three.a + "/config.json");
  const std::string done = "\"outcome\": \"done\"";
  config.replace(config.find(done), done.size(), "\"outcome\": \"" + std::string(500, 'x') + "\"");
  write_bytes(three.a + "/config.json", config);
  const std::string out = run_hourglass("compare " + three.a + " " + three.b).out;
  CHECK(holds(out, std::string(50, 'x')));
  CHECK_FALSE(holds(out, std::string(70, 'x')));
}

TEST_CASE("compare refuses one run, and what is none, in one line") {
  const Three three;
  const auto refused = [](const std::string& words, const std::string& line) {
    const Output output = run_hourglass("compare " + words);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  };
  refused(three.a, "compare: expected two runs or more: got 1");
  refused(three.a + " " + three.b + " -o page.jpg",
          "output: page.jpg: expected a name that ends in .html");
  const std::string none = three.f.folder.path("data");
  refused(three.a + " " + none, "compare: " + none + ": there is no run in it");
  std::filesystem::remove(three.b + "/metrics.jsonl");
  refused(three.a + " " + three.b,
          "compare: " + three.b + "/metrics.jsonl: cannot open: No such file or directory");
}

TEST_CASE("in a browser the page of compared runs has each of them, of images, rows and windows" *
          doctest::test_suite("long")) {
  const Three three;
  const auto path = [&](const char* name) { return three.f.folder.path(name); };
  const std::string table = " --data " + path("t.csv");
  Three::train("vae --code 2 --epochs 3 --out " + path("rows2") + table);
  Three::train("dense --code 1 --epochs 2 --window 5 --out " + path("windows") + table);
  Three::train("dense --code 2 --epochs 4 --window 5 --out " + path("windows2") + table);
  std::string pages;
  const auto compare = [&](const std::string& first, const std::string& second) {
    const std::string page = path((std::to_string(pages.size()) + ".html").c_str());
    REQUIRE(run_hourglass("compare " + first + " " + second + " -o " + page)
                .out.ends_with("\nwrote " + page + "\n"));
    pages += " " + page;
    return page;
  };
  compare(three.a, three.b);
  const std::string rows = compare(three.rows, path("rows2"));
  compare(path("windows"), path("windows2"));
  CHECK(data_in(read_bytes(rows))["rows"]["rows"][0]["columns"][0]["name"] == "<b>x</b>");
  CHECK_FALSE(holds(read_bytes(rows), "<b>x"));
  check_in_browser("compare_in_browser.py" + pages, "3 pages, ");
}
