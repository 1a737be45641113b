// `explain`: graphs, numbers, pictures, steps, the page that plays them.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "tests/places.h"
#include "tests/tools/page_data.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

constexpr const char* kTiny = "explain dense --code 1 --loss mse --batch 1 --input 1,0.25 --seed 4";

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) {
    ++count;
  }
  return count;
}

// The numbers of a row of a parameter's table, one a step, of a parameter of one number.
std::vector<double> row_of(const std::string& text, const std::string& parameter,
                           const std::string& name) {
  const std::size_t table = text.find("\n" + parameter + " [");
  REQUIRE(table != std::string::npos);
  const std::string start = "\n  " + name + "  ";
  const std::size_t row = text.find(start, table);
  REQUIRE(row != std::string::npos);
  std::istringstream line(
      text.substr(row + start.size(), text.find('\n', row + 1) - row - start.size()));
  std::vector<double> numbers;
  for (double number = 0; line >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

TEST_CASE("explain prints the graph of a loss, of its gradient, and what runs") {
  const Output forward = run_hourglass("explain dense --width 20 --code 3 --batch 4");
  CHECK(forward.code == 0);
  CHECK(forward.out.find(
            " = encoder.0 f32 [4, 3] (%6, %0, %1) {matmul, broadcast_to, add, relu}\n") !=
        std::string::npos);
  CHECK(forward.out.find("# bce\n") != std::string::npos);
  const std::string backward = "explain dense --width 20 --code 3 --backward";
  CHECK(run_hourglass(backward).out.find("{sigmoid") != std::string::npos);
  CHECK(run_hourglass(backward + " --every-node").out.find(" = sigmoid f32 ") != std::string::npos);
  CHECK(run_hourglass("explain deep --width 20 --hidden 8 --code 3 --second").code == 0);
  const Output plan = run_hourglass("explain dense --width 20 --code 3 --plan");
  CHECK(plan.out.find("-> encoder.0.weight ") != std::string::npos);  // Adam writes in place
  CHECK(plan.out.find(" us  matmul ") != std::string::npos);          // and each line has its time
  CHECK(plan.out.find("%  a run\narena ") != std::string::npos);
  CHECK(plan.out.find("OpenBLAS ") != std::string::npos);  // the library that was found
  const TemporaryFolder folder;
  const Output dot = run_hourglass("explain deep --dot " + folder.path("deep.dot"));
  CHECK(dot.code == 0);
  CHECK(read_bytes(folder.path("deep.dot")).starts_with("digraph hourglass {"));
}

TEST_CASE("explain takes a run, too, and shows its trained numbers") {
  const TemporaryFolder folder;
  std::string table;
  for (int i = 0; i < 40; ++i) table += fmt::format("{},{},{}\n", i, 2 * i, i % 7);
  write_bytes(folder.path("t.csv"), table);
  const std::string run = folder.path("run");
  REQUIRE(run_hourglass("train dense --code 1 --epochs 1 --data " + folder.path("t.csv") +
                        " --out " + run)
              .code == 0);
  const std::string explain = "explain " + run;
  const Output shown = run_hourglass(explain + " --batch 1 --input 20,40,3");
  CHECK(shown.out.find("# rows  = {20, 40, 3}\n") != std::string::npos);
  CHECK(shown.out.find("# input.mean  = {") != std::string::npos);
  CHECK(shown.out.find("# step  = {0}") == std::string::npos);  // a dense one draws nothing
  CHECK(run_hourglass(explain + " --plan").out.find("-> encoder.0.weight ") != std::string::npos);
  refused(explain + " --code 2",
          "explain: " + run + " is a run: its model is as it was trained: leave out --code");
  refused(explain + " --width 4",
          "explain: the model of " + run + " takes 3 numbers an example: got 4");
}

TEST_CASE("explain computes a small input, and shows one term of the loss") {
  const TemporaryFolder folder;
  const std::string small = "explain dense --code 1 --batch 1 --seed 4 --input 1,0.25";
  const Output numbers = run_hourglass(small);
  CHECK(numbers.code == 0);
  CHECK(numbers.out.find("# images  = {1, 0.25}\n") != std::string::npos);
  CHECK(run_hourglass(small + " --term bce --backward").out.find("# d bce / d encoder.0.weight") !=
        std::string::npos);
  refused(small + " --term penalty",
          "explain: the loss has no term named penalty: its terms are bce");
  CHECK(run_hourglass("explain nope")
            .err.starts_with("hourglass: error: model: there is none named nope: expected one of "
                             "pca, linear, dense"));
  refused("explain nowhere/run", "explain: nowhere/run: there is no run in it");
  refused("explain " + folder.path(), "explain: " + folder.path() + ": there is no run in it");
  // A model's name is one, whatever lies here.
  std::filesystem::create_directory(folder.path("dense"));
  CHECK(run_program("/usr/bin/env",
                    "-C '" + folder.path() + "' '" HOURGLASS_PROGRAM "' explain dense --batch 2")
            .code == 0);
  refused("explain dense --batch 0", "explain: batch: must be at least 1: got 0");
  refused("explain dense --code 1 --batch 2 --input 1,0.25,0",
          "explain: input: 3 numbers do not make 2 examples: --batch says how many");
}

TEST_CASE("explain --step has Adam's numbers of three steps, which are those of its paper") {
  const Output output = run_hourglass(std::string(kTiny) + " --step --digits 9");
  CHECK(output.err == "");
  CHECK(output.out.starts_with("adam, learning rate 0.001\n\nstep "));
  const auto row = [&](const char* name) { return row_of(output.out, "encoder.0.bias", name); };
  const std::vector<double> weight = row("weight"), g = row("gradient"), m = row("first moment"),
                            v = row("second moment"), m_hat = row("first moment, corrected"),
                            v_hat = row("second moment, corrected"), change = row("change"),
                            next = row("new weight");
  REQUIRE(g.size() == 3);
  for (std::size_t i = 0; i < 3; ++i) {
    const auto t = static_cast<double>(i + 1);
    CHECK(m[i] == doctest::Approx(0.9 * (i ? m[i - 1] : 0) + 0.1 * g[i]).epsilon(1e-6));
    CHECK(v[i] == doctest::Approx(0.999 * (i ? v[i - 1] : 0) + 0.001 * g[i] * g[i]).epsilon(1e-6));
    CHECK(m_hat[i] == doctest::Approx(m[i] / (1 - std::pow(0.9, t))).epsilon(1e-6));
    CHECK(v_hat[i] == doctest::Approx(v[i] / (1 - std::pow(0.999, t))).epsilon(1e-5));
    CHECK(change[i] ==
          doctest::Approx(-0.001 * m_hat[i] / (std::sqrt(v_hat[i]) + 1e-8)).epsilon(1e-4));
    CHECK(next[i] == doctest::Approx(weight[i] + change[i]).epsilon(1e-7));
    if (i > 0) CHECK(weight[i] == next[i - 1]);
  }
  std::istringstream lines(output.out.substr(output.out.find("\nloss ")));
  std::string word;
  std::vector<double> before(3), after(3);
  lines >> word >> before[0] >> before[1] >> before[2] >> word >> word >> word >> after[0] >>
      after[1] >> after[2];
  CHECK(before[0] == doctest::Approx(0.29997316).epsilon(1e-6));
  CHECK(after[0] < before[0]);
  CHECK(after[0] == before[1]);
  CHECK(after[1] == before[2]);
  CHECK(run_hourglass(std::string(kTiny) + " --steps 2").out.find("\nstep ") != std::string::npos);
  refused(std::string(kTiny) + " --steps 0", "explain: steps: expected 1 to 1000: got 0");
  refused(std::string(kTiny) + " --svg x.png", "svg: x.png: expected a name that ends in .svg");
  refused(std::string(kTiny) + " --html -o x.jpg",
          "output: x.jpg: expected a name that ends in .html");
  refused(std::string(kTiny) + " -o x.html",
          "explain: --output is where --html goes: leave it out, or add --html");
  refused(std::string(kTiny) + " --step --svg x.svg",
          "explain: --step and --norms are tables: leave out --svg and --dot");
}

TEST_CASE("the loss of a model that draws noise is compared on the same noise") {
  const std::string vae =
      "explain vae --width 6 --hidden 4 --code 2 --batch 2 --steps 1 --seed 3 "
      "--input 1,0,1,0,1,0,0,1,0,1,0,1 --digits 9";
  const std::string text = run_hourglass(vae).out;
  std::istringstream lines(text.substr(text.find("\nloss ")));
  std::string word;
  double before = 0, after = 0;
  lines >> word >> before >> word >> word >> word >> after;
  CHECK(after < before);
  CHECK(before - after < 0.1);  // another draw would differ by more
}

TEST_CASE("explain --norms shows which term of a loss does not reach which parameter") {
  const std::string text = run_hourglass("explain contractive --width 6 --code 2 --norms").out;
  CHECK(text.starts_with("|d term / d parameter|"));
  const auto row = [&](const std::string& parameter) {
    const std::size_t at = text.find("\n" + parameter);
    REQUIRE(at != std::string::npos);
    std::istringstream line(text.substr(at, text.find('\n', at + 1) - at));
    std::string name;
    double error = 0, penalty = 0;
    line >> name >> error >> penalty;
    return std::pair(error, penalty);
  };
  CHECK(row("encoder.0.weight").second > 0);
  CHECK(row("decoder.0.bias").first > 0);
  CHECK(row("decoder.0.bias").second == 0);
}

TEST_CASE("inner gradients are named after the line that they belong to") {
  const std::string text = run_hourglass(std::string(kTiny) + " --backward").out;
  CHECK(holds(text, "# d loss / d %8  = {-0.0067063}\n"));
  CHECK(holds(text, "# d loss / d decoder.0.bias  = {"));
}

TEST_CASE("unsimplified, a second backward pass is what the rules of the ops make of it") {
  const std::string contractive =
      "explain contractive --code 1 --batch 1 --input 1,0.25 --term contractive --backward";
  const std::string cheap = run_hourglass(contractive).out;
  const std::string whole = run_hourglass(contractive + " --unsimplified").out;
  CHECK_FALSE(holds(cheap, " = eye "));
  CHECK(holds(whole, " = eye "));
  CHECK(count_of(whole, "\n") > count_of(cheap, "\n") + 5);
  CHECK(holds(whole, "\nencoder.0.d sigmoid:\n"));  // the rule that a line comes from
  CHECK(holds(whole, "\nloss.contractive.d sum_to:\n"));
  // To rounding the same number.
  const auto last = [](const std::string& text) { return text.substr(text.rfind("= {")); };
  CHECK(last(whole).substr(0, 9) == last(cheap).substr(0, 9));
  CHECK(run_hourglass("explain dense --width 6 --code 2 --second --unsimplified").code == 0);
}

TEST_CASE("a drawing has each node's value and gradient, without Graphviz") {
  const TemporaryFolder folder;
  for (const char* flag : {" --svg ", " --dot "}) {
    const std::string path = folder.path("graph.svg");
    std::filesystem::remove(path);
    const Output output = run_hourglass(std::string(kTiny) + flag + path, folder.path(""));
    CHECK(output.out == "wrote " + path + "\n");
    const std::string svg = read_bytes(path);
    CHECK(svg.starts_with("<svg xmlns="));
    CHECK(svg.ends_with("</svg>\n"));
    CHECK(holds(svg, ">%8 relu</text>"));
    CHECK(holds(svg, ">0.1829</text>"));
    CHECK(holds(svg, "class=\"gradient\">d -0.0067063</text>"));
    CHECK(holds(svg, "prefers-color-scheme: dark"));
    CHECK(count_of(svg, "<g class=") == 18);
  }
  const std::string both = folder.path("both.svg"), dot = folder.path("graph.dot");
  REQUIRE(run_hourglass(std::string(kTiny) + " --backward --svg " + both).code == 0);
  CHECK(holds(read_bytes(both), "<g class=\"backward\">"));
  REQUIRE(run_hourglass(std::string(kTiny) + " --dot " + dot).code == 0);
  CHECK(holds(read_bytes(dot),
              "[label=\"%8 relu\\nf32 [1, 1]\\n0.1829\\nd -0.0067063\", shape=ellipse];"));
  const std::string plan = folder.path("plan.svg");
  CHECK(run_hourglass("explain dense --width 20 --code 3 --plan --svg " + plan).out ==
        "wrote " + plan + "\n");
  CHECK(holds(read_bytes(plan), " us  "));
  std::istringstream texts(read_bytes(plan));  // the layer's name stays where a line is cut
  for (std::string line; std::getline(texts, line);) {
    const std::size_t from = line.find("<text"), to = line.find("</text>");
    if (from == std::string::npos) continue;
    CHECK(to - line.find('>', from) - 1 <= 120);
    if (holds(line, "...")) CHECK(holds(line, "<title>"));
    if (holds(line, "  # decoder.0</title>")) CHECK(holds(line, "  # decoder.0</text>"));
  }
  refused("explain dense --width 20 --code 3 --plan --dot " + dot,
          "explain: dot: draws a graph: a plan has --svg");
  const std::string folded = folder.path("folded.svg");
  REQUIRE(run_hourglass("explain deep --width 20 --hidden 8 --code 3 --backward --svg " + folded)
              .code == 0);
  CHECK(holds(read_bytes(folded), "<g class=\"scope\">"));
}

TEST_CASE("explain RUN --numbers takes the run's own first examples") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string run = folder.path("run");
  REQUIRE(run_hourglass("train dense --code 2 --epochs 1 --no-report --batch 16 --data " +
                        folder.path("data") + " --out " + run)
              .code == 0);
  const std::string text = run_hourglass("explain " + run + " --numbers --batch 1").out;
  CHECK(holds(text, "# images  = {"));
}

TEST_CASE("explain RUN --step goes on from the moments that the run has, and says which") {
  const Folder f;
  const std::string run = f.folder.path("run");
  REQUIRE(f.train("dense --code 2 --epochs 3 --no-report").err == "");
  const auto steps = json::parse(read_bytes(run + "/config.json"))["steps"].get<int>();
  const std::string went_on = run_hourglass("explain " + run + " --steps 2").out;
  CHECK(went_on.starts_with(fmt::format(
      "adam, learning rate 0.001 cosine; moments after {} steps, of checkpoint.safetensors, which "
      "ended the schedule: the rate of its last step\n\nstep ",
      steps)));
  const std::string numbers = went_on.substr(went_on.find("\nstep "), 60);
  CHECK(holds(numbers, fmt::format(" {} ", steps + 1)));
  CHECK(holds(numbers, fmt::format(" {}\n", steps + 2)));
  std::filesystem::remove(run + "/checkpoint.safetensors");
  const std::string anew = run_hourglass("explain " + run + " --steps 2").out;
  CHECK(anew.starts_with(
      "adam, learning rate 0.001 cosine; moments from 0: the run has no checkpoint\n\nstep "));
  const auto moments = [](const std::string& text) {
    const std::size_t at = text.find("\n  first moment ");
    return text.substr(at, text.find('\n', at + 1) - at);
  };
  CHECK(moments(went_on) != moments(anew));
}

TEST_CASE("explain RUN --step says that a rate in the midst of its warm-up stays where it was") {
  const Folder f;
  const auto begins = [&](const std::string& options) {
    REQUIRE(f.train("dense --code 2 --epochs 3 --no-report --schedule constant --force" + options)
                .err == "");
    const std::string text = run_hourglass("explain " + f.folder.path("run") + " --steps 2").out;
    return text.substr(0, text.find('\n'));
  };
  const std::string stays = ", which ended the schedule: the rate of its last step";
  CHECK(holds(begins(" --lr-warm-up 100"), stays));
  CHECK_FALSE(holds(begins(" --lr-warm-up 1"), stays));
  CHECK_FALSE(holds(begins(""), stays));
}

TEST_CASE("explain RUN --step takes the rate that the run's schedule has at the step") {
  const Folder f;
  const std::string run = f.folder.path("run");
  const auto rates = [&] {  // and the first step's change of one weight by hand
    const std::string text = run_hourglass("explain " + run + " --steps 3 --digits 9").out;
    const std::size_t at = text.find("\nlearning rate ");
    REQUIRE(at != std::string::npos);
    std::istringstream line(text.substr(at + 15));
    std::vector<double> found(3);
    for (double& rate : found) line >> rate;
    const double m = row_of(text, "decoder.0.bias", "first moment, corrected")[0];
    const double v = row_of(text, "decoder.0.bias", "second moment, corrected")[0];
    const double change = row_of(text, "decoder.0.bias", "change")[0];
    CHECK(change == doctest::Approx(-found[0] * m / (std::sqrt(v) + 1e-8)).epsilon(1e-4));
    return found;
  };
  const auto half_cosine = [](double steps, double of) {
    return 0.02 * 0.5 * (1 + std::cos(std::acos(-1.0) * steps / of));
  };
  write_bytes(f.folder.path("t.csv"), "a\n1\n2\n3\n4\n5\n6\n7\n8\n");
  const std::string train =
      "train dense --code 1 --lr 0.02 --schedule cosine --batch 2 --split "
      "50,0,50 --no-report --data " +
      f.folder.path("t.csv") + " --out " + run;
  REQUIRE(run_hourglass(train + " --epochs 3").err == "");  // of two steps each
  for (const double rate : rates()) {
    CHECK(rate == doctest::Approx(half_cosine(5, 6)).epsilon(1e-7));
  }
  json config = json::parse(read_bytes(run + "/config.json"));
  config["training"]["epochs"] = 10;
  write_bytes(run + "/config.json", config.dump());
  const std::vector<double> further = rates();
  for (int i = 0; i < 3; ++i) {
    CHECK(further[static_cast<std::size_t>(i)] ==
          doctest::Approx(half_cosine(6 + i, 20)).epsilon(1e-7));
  }
}

TEST_CASE("a page plays the numbers of steps that the program took") {
  const TemporaryFolder folder;
  const std::string path = folder.path("page.html");
  const Output output = run_hourglass(std::string(kTiny) + " --html -o " + path);
  CHECK(output.out == "wrote " + path + "\n");
  const json data = data_in(read_bytes(path));
  REQUIRE(data["steps"].size() == 3);
  const json& boxes = data["graph"]["boxes"];
  REQUIRE(boxes.size() == 18);
  CHECK(boxes[8]["code"] == "%8 = relu f32 [1, 1] (%7)");
  CHECK(data["steps"][0]["values"][8] == "0.1829");
  CHECK(data["steps"][0]["gradients"][8] == "-0.0067063");
  CHECK(data["steps"][0]["gradients"][4].is_null());  // nobody asks for the images'
  CHECK(holds(boxes[7]["rule"], "  # d loss / d %7"));
  CHECK(data["steps"][0]["after"] == data["steps"][1]["before"]);
  CHECK(data["steps"][2]["updates"][0]["rows"][1][0] == "gradient");
}

TEST_CASE("in a browser the page of the engine at work plays forward, backward and the update" *
          doctest::test_suite("long")) {
  const TemporaryFolder folder;
  const std::string tiny = folder.path("tiny.html"), large = folder.path("large.html");
  REQUIRE(run_hourglass(std::string(kTiny) + " --html -o " + tiny).code == 0);
  REQUIRE(run_hourglass("explain vae --hidden 16 --code 3 --batch 4 --html -o " + large).code == 0);
  check_in_browser("play_in_browser.py " + tiny + " " + large, "2 pages, ");
}
