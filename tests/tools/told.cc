// What commands tell in numbers, recomputed from what other commands write.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tensor/files/idx.h"
#include "tensor/files/npy.h"
#include "tensor/files/png.h"
#include "tests/tools/data_files.h"
#include "tests/tools/page_data.h"
#include "tests/tools/program.h"
#include "tests/tools/small_run.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

constexpr const char* kOneUnit =
    "explain dense --code 1 --loss mse --batch 1 --input 1,0.25 --seed 4 ";

bool tells(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

void is_refused(const std::string& arguments, const std::string& line) {
  const Output output = run_hourglass(arguments);
  CHECK(output.code == 2);
  CHECK(output.err == "hourglass: error: " + line + "\n");
}

// The numbers of the line that begins like this, commas and all else left out.
std::vector<double> numbers_after(const std::string& text, const std::string& begins) {
  const std::size_t at = text.find(begins);
  REQUIRE(at != std::string::npos);
  std::string line = text.substr(at + begins.size(), text.find('\n', at + 1) - at - begins.size());
  std::replace(line.begin(), line.end(), ',', ' ');
  std::istringstream words(line);
  std::vector<double> numbers;
  for (double number = 0; words >> number;) numbers.push_back(number);
  return numbers;
}

}  // namespace

TEST_CASE("explain --norms are the roots of the gradients' sums of squares") {
  const std::string steps = run_hourglass(std::string(kOneUnit) + "--digits 9 --steps 1").out,
                    norms = run_hourglass(std::string(kOneUnit) + "--digits 9 --norms").out;
  CHECK(norms.starts_with("|d term / d parameter|            mse           loss\n"));
  for (const char* name : {"encoder.0.weight", "encoder.0.bias", "decoder.0.weight"}) {
    const std::string table = steps.substr(steps.find(std::string("\n") + name + " ["));
    double squares = 0;
    for (const double g : numbers_after(table, "\n  gradient ")) squares += g * g;
    const std::vector<double> norm = numbers_after(norms, std::string("\n") + name);
    REQUIRE(norm.size() == 2);
    CHECK(norm[0] == doctest::Approx(std::sqrt(squares)).epsilon(1e-7));
    CHECK(norm[1] == norm[0]);
  }
  CHECK_FALSE(tells(steps, "\nlearning rate"));  // which no schedule moves
}

TEST_CASE("explain takes so many digits and steps, and no more") {
  const std::string one = kOneUnit;
  is_refused(one + "--digits 0", "explain: digits: expected 1 to 17: got 0");
  is_refused(one + "--digits 18", "explain: digits: expected 1 to 17: got 18");
  is_refused(one + "--steps 1001", "explain: steps: expected 1 to 1000: got 1001");
  CHECK(run_hourglass(one + "--digits 17").code == 0);
  CHECK(tells(run_hourglass(one + "--digits 1").out, "# encoder.0.weight  = {-0.5, 0.3}\n"));
  CHECK(tells(run_hourglass(one + "--steps 1000 --norms").out, "encoder.0.weight"));
  is_refused("explain dense --width 0", "explain: width: must be at least 1: got 0");
  is_refused("explain vae --term kl_ --width 4",
             "explain: the loss has no term named kl_: its terms are bce_per_image, kl_per_image");
}

TEST_CASE("explain RUN --numbers are the first test images, over again where there are too few") {
  const Folder f;
  REQUIRE(f.train("dense --code 2 --epochs 1 --no-report").err == "");
  const std::string images = f.folder.path("data/t10k-images-idx3-ubyte");
  const Tensor known = read_idx(images);
  const std::string text =
      run_hourglass("explain " + f.folder.path("run") + " --numbers --batch 12 --digits 3").out;
  const std::vector<double> shown = numbers_after(text, "# images  = {");
  REQUIRE(shown.size() > 3);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    CHECK(shown[i] == known.at(static_cast<std::int64_t>(i)));
  }
  CHECK(tells(run_hourglass("explain dense --numbers --batch 2").out,
              " = input u8 [2, 784]  # images  = {"));
}

TEST_CASE("the boxes and arrows of a page of steps lie inside its picture") {
  const TemporaryFolder folder;
  const std::string path = folder.path("page.html");
  REQUIRE(run_hourglass(std::string(kOneUnit) + "--html --steps 2 -o " + path).code == 0);
  const json data = data_in(read_bytes(path)), &graph = data["graph"], &boxes = graph["boxes"];
  CHECK(data["model"] == "dense");
  CHECK(data["optimizer"] == "adam");
  CHECK(data["begins"] == "");
  const double width = graph["width"], height = graph["height"];
  double right = 0, bottom = 0;
  for (const json& box : boxes) {
    const double x = box["at"][0], y = box["at"][1];
    CHECK(x >= 0);
    CHECK(y >= 0);
    right = std::max(right, x + box["size"][0].get<double>());
    bottom = std::max(bottom, y + box["size"][1].get<double>());
    const bool parameter = tells(box["code"], " = parameter ");
    CHECK(box["parameter"] == parameter);
    CHECK(box["leaf"] ==
          (parameter || tells(box["code"], " = input ") || tells(box["code"], " = constant ")));
  }
  CHECK(width == doctest::Approx(right).epsilon(0.01));
  CHECK(height == doctest::Approx(bottom).epsilon(0.01));
  REQUIRE(graph["paths"].size() == graph["arrows"].size());
  for (std::size_t i = 0; i < graph["arrows"].size(); ++i) {
    const json &from = boxes[graph["arrows"][i][0].get<std::size_t>()],
               &to = boxes[graph["arrows"][i][1].get<std::size_t>()], &route = graph["paths"][i];
    CHECK(route.front()[1].get<double>() ==
          doctest::Approx(from["at"][1].get<double>() + from["size"][1].get<double>()));
    CHECK(route.back()[1].get<double>() == doctest::Approx(to["at"][1].get<double>()));
  }
  // Every step has the numbers that the table has.
  const std::string table = run_hourglass(std::string(kOneUnit) + "--steps 2").out;
  const std::vector<double> before = numbers_after(table, "\nloss  "),
                            after = numbers_after(table, "\nloss after it");
  for (std::size_t step = 0; step < 2; ++step) {
    CHECK(std::stod(data["steps"][step]["before"].get<std::string>()) == before[step]);
    CHECK(std::stod(data["steps"][step]["after"].get<std::string>()) == after[step]);
    CHECK(data["steps"][step]["rate"] == "0.001");
    CHECK(data["steps"][step]["updates"].size() == 4);
    CHECK(data["steps"][step]["updates"][1]["parameter"] == "encoder.0.bias");
  }
}

TEST_CASE("data tells the range of pixels, of many columns forty, and draws a hundred images") {
  const TemporaryFolder folder;
  Tensor images(Shape{101, 5, 5}, DType::kU8);
  for (std::int64_t i = 0; i < images.elements(); ++i) {
    images.data<std::uint8_t>()[i] = static_cast<std::uint8_t>(3 + i * 7 % 200);
  }
  write_idx(folder.path("images.idx"), images);
  const std::string sheet = folder.path("sheet.png");
  const std::string out = run_hourglass("data " + folder.path("images.idx") + " -o " + sheet).out;
  CHECK(tells(out, "\npixels from 3 to 202\n"));
  CHECK(out.ends_with("\nwrote the first 100 images to " + sheet + "\n"));
  CHECK(read_png(sheet).shape() == Shape{10 * 12 + 2, 10 * 12 + 2});  // twice as large
  is_refused("data " + folder.path("images.idx") + " -o sheet.jpg",
             "data: output: sheet.jpg: expected a name that ends in .png");
  for (const int width : {40, 42}) {
    std::string text;
    for (int row = 0; row < 3; ++row) {
      for (int c = 0; c < width; ++c) text += fmt::format("{}{}", c ? "," : "", c + row);
      text += "\n";
    }
    write_bytes(folder.path("wide.csv"), text);
    const std::string told = run_hourglass("data " + folder.path("wide.csv")).out;
    CHECK(tells(told, "\n40 ") == true);
    CHECK(tells(told, "\n41 ") == false);
    CHECK(tells(told, "\nand 2 more\n") == (width == 42));
    CHECK_FALSE(tells(told, "constant"));
  }
}

TEST_CASE("evaluate's numbers of a code are those of the codes that encode writes") {
  const Folder f;
  REQUIRE(f.train("dense --hidden 9 --code 6 --code-activation relu --epochs 1").err == "");
  const std::string run = f.folder.path("run"), h = f.folder.path("h.npy"),
                    y = f.folder.path("y.npy"),
                    images = f.folder.path("data/t10k-images-idx3-ubyte");
  REQUIRE(run_hourglass("encode " + run + " " + images + " -o " + h).err == "");
  REQUIRE(run_hourglass("reconstruct " + run + " " + images + " -o " + y).err == "");
  const Tensor codes = read_npy(h), back = read_npy(y), given = read_idx(images);
  const json measured = json::parse(run_hourglass("evaluate " + run + " --json").out);
  int zeros = 0, active = 0, dead = 0;
  for (std::int64_t unit = 0; unit < 6; ++unit) {
    double mean = 0, squares = 0, most = 0;
    for (std::int64_t i = 0; i < 10; ++i) {
      const double x = codes.at(6 * i + unit);
      zeros += x == 0;
      mean += x / 10;
      squares += x * x / 10;
      most = std::max(most, std::abs(x - codes.at(unit)));
    }
    active += squares - mean * mean > 0.01;
    dead += most < 1e-6;
  }
  CHECK(measured["code_zeros"].get<double>() == doctest::Approx(zeros / 60.0));
  CHECK(measured["active_units"] == active);
  CHECK(measured["dead_units"] == dead);
  double squares = 0;
  for (std::int64_t i = 0; i < 360; ++i) squares += std::pow(back.at(i) - given.at(i) / 255, 2);
  CHECK(measured["mse"].get<double>() == doctest::Approx(squares / 360).epsilon(1e-5));
  CHECK(measured["examples"] == 10);
  CHECK(measured["mse_at_noise_0"].get<double>() == doctest::Approx(squares / 360).epsilon(1e-5));
  CHECK_FALSE(measured.contains("ssim"));  // of images smaller than its window
}

TEST_CASE("classify prints as shares of a hundred what its JSON has as shares of one") {
  const Folder f;
  write_small_labels(f.folder.path("data"), 3);  // some of which are found
  REQUIRE(f.train("dense --code 4 --epochs 1 --no-report").err == "");
  const std::string classify = "classify " + f.folder.path("run") + " --epochs 2 --batch 8 ";
  const json all = json::parse(run_hourglass(classify + "--json").out);
  CHECK(all["validation_error"].get<double>() < 1);
  CHECK(all["test_error"].get<double>() < 1);
  const std::string told = run_hourglass(classify).out;
  CHECK(told.ends_with(fmt::format(
      "epoch {} was the best: validation error {:.2f} %\ntest error {:.2f} %\nof the input itself, "
      "without a model: test error {:.2f} %\n",
      all["best_epoch"].get<int>(), 100 * all["validation_error"].get<double>(),
      100 * all["test_error"].get<double>(), 100 * all["baseline"]["test_error"].get<double>())));
  CHECK(tells(told, fmt::format("epoch {}  cross-entropy ", all["best_epoch"].get<int>())));
  CHECK(tells(told, fmt::format("  validation error {:.2f} %\n",
                                100 * all["validation_error"].get<double>())));
  CHECK_FALSE(tells(told, "epoch 3"));
  is_refused(classify + "--validation -1",
             "classify: validation: the epoch is chosen on it: expected at least 1: got -1");
}

TEST_CASE("info has eight numbers of each of a scale's statistics") {
  const TemporaryFolder folder;
  for (const int width : {8, 9}) {
    std::string text, means;
    for (int row = 0; row < 10; ++row) {
      for (int c = 0; c < width; ++c) {
        text += fmt::format("{}{}", c ? "," : "", 10 * c + (row % 2 ? 6 : 4));
      }
      text += "\n";
    }
    for (int c = 0; c < 8; ++c) means += fmt::format("{}{}", c ? ", " : "", 10 * c + 5);
    write_bytes(folder.path("t.csv"), text);
    const std::string run = folder.path("run");
    REQUIRE(run_hourglass("train pca --code 1 --force --data " + folder.path("t.csv") +
                          " --split 80,0,20 --out " + run)
                .err == "");
    const std::string told = run_hourglass("info " + run).out;
    CHECK(tells(told, "\ninput.mean: " + means + (width > 8 ? ", ...\n" : "\n")));
  }
}

TEST_CASE("compress tells the bytes of what it was given and the bits that a number costs") {
  const TemporaryFolder folder;
  const std::string table = folder.path("days.csv"), run = folder.path("run"),
                    file = folder.path("codes"), back = folder.path("back.csv");
  write_bytes(table, kelvin_csv());
  REQUIRE(run_hourglass("train pca --code 2 --label site --data " + table + " --out " + run).code ==
          0);
  const Output wrote = run_hourglass("compress " + run + " " + table + " --bits 3 -o " + file);
  const double bytes = static_cast<double>(std::filesystem::file_size(file));
  CHECK(tells(wrote.out, fmt::format("\n1920 bytes in, {} bytes out, {:.4f} bits a number, ", bytes,
                                     8 * bytes / 240)));  // 60 rows of 4 numbers of f64
  REQUIRE(run_hourglass("decompress " + run + " " + file + " -o " + back).err == "");
  std::istringstream given(kelvin_csv()), returned(read_bytes(back));
  std::string a, b;
  std::getline(given, a);
  std::getline(returned, b);
  double squares = 0;
  while (std::getline(given, a) && std::getline(returned, b)) {
    const std::vector<double> x = numbers_after(a.substr(a.find(',')), ","),
                              y = numbers_after("," + b, ",");
    REQUIRE(x.size() == 4);
    for (std::size_t c = 0; c < 4; ++c) squares += std::pow(x[c] - y[c], 2) / 240;
  }
  const std::string lost = "root of the mean squared error ";
  CHECK(std::stod(wrote.out.substr(wrote.out.find(lost) + lost.size())) ==
        doctest::Approx(std::sqrt(squares)).epsilon(1e-3));
  // A step is 8 / 2^BITS deviations.
  const auto size = [&](const char* options) {
    REQUIRE(run_hourglass("compress " + run + " " + table + " " + options + " -o " + file).code ==
            0);
    return read_bytes(file);
  };
  CHECK(size("--bits 3") == size("--step 1"));
  CHECK(size("") == size("--bits 5"));
  CHECK(size("--bits 5") == size("--step 0.25"));
}

TEST_CASE("score and impute print what their JSON has") {
  const TemporaryFolder folder;
  const std::string table = folder.path("t.csv"), holes = folder.path("holes.csv"),
                    run = folder.path("run"), filled = " -o " + folder.path("y.csv");
  std::string text = "a,b,c,odd\n", with_holes = "a,b,c,odd\n";
  for (int i = 0; i < 80; ++i) {
    const int x = i * 37 % 41, odd = i % 8 == 0;
    const std::string row = fmt::format("{},{},{}\n", 2 * x + i % 3, x * x % 29, odd);
    text += fmt::format("{},{}", x + 20 * odd, row);
    with_holes += (i % 5 == 1 ? "" : std::to_string(x)) + "," + row;
  }
  write_bytes(table, text);
  write_bytes(holes, with_holes);
  REQUIRE(run_hourglass("train pca --code 1 --label odd --missing mean --data " + table +
                        " --out " + run)
              .err == "");
  const std::string score = "score " + run + " " + table;
  const json all = json::parse(run_hourglass(score + " --json").out);
  std::istringstream lines(run_hourglass(score).out);
  std::string line;
  std::getline(lines, line);
  CHECK(line == "the worst of 80 rows, 64 of them trained on:");
  for (const json& worst : all["worst"]) {
    std::getline(lines, line);
    CHECK(line.starts_with(fmt::format("{:>8}  score {:.5g}  ", worst["example"].get<int>(),
                                       worst["score"].get<double>())));
    for (const auto& [name, share] : worst["columns"].items()) {
      CHECK(tells(line, fmt::format("  {} {:.0f} %", name, 100 * share.get<double>())));
    }
  }
  std::getline(lines, line);
  CHECK(line == fmt::format("{} above the threshold of {:.5g}", all["above"].get<int>(),
                            all["threshold"].get<double>()));
  for (const char* name : {"roc_auc", "average_precision", "f1"}) {
    std::getline(lines, line);
    CHECK(line == fmt::format("{:<17} {:.4f}", name, all[name].get<double>()));
  }
  const std::string impute = "impute " + run + " " + holes + filled;
  const json judged = json::parse(run_hourglass(impute + " --json").out);
  const std::string told = run_hourglass(impute).out;
  CHECK(judged["filled"] == 16);
  CHECK(judged["rows"] == 80);
  int better = 0;
  for (const json& column : judged["columns"]) {
    const double rmse = column["rmse"], mean = column["rmse_of_mean"];
    better += rmse < mean;
    CHECK(tells(told, fmt::format("\n{:<24} {:>8} {:>12.5g} {:>12.5g}\n",
                                  column["column"].get<std::string>(), column["entries"].get<int>(),
                                  rmse, mean)));
  }
  CHECK(tells(told, fmt::format("\nbetter than the mean in {} of 3 columns\nfilled 16 values in 80 "
                                "rows, wrote ",
                                better)));
}

TEST_CASE("impute takes tables alone") {
  const Folder f;
  REQUIRE(f.train("dense --code 2 --epochs 1 --no-report").err == "");
  is_refused("impute " + f.folder.path("run") + " x.csv -o y.csv",
             "impute: the model takes images: only columns of a table are filled");
  const std::string series = f.folder.path("s.csv"), run = f.folder.path("of-series");
  write_bytes(series, sensors_csv(60));
  REQUIRE(run_hourglass("train pca --code 2 --window 4 --data " + series + " --out " + run).err ==
          "");
  is_refused("impute " + run + " " + series + " -o y.csv",
             "impute: the model takes windows: only columns of a table are filled");
}

TEST_CASE("weights that begin another run are named: taken, of other sizes, of no place") {
  const Folder f;
  const std::string first = f.folder.path("first");
  REQUIRE(run_hourglass("train deep --hidden 5 --code 3 --epochs 1 --batch 16 --no-report --data " +
                        f.folder.path("data") + " --out " + first)
              .err == "");
  const Output output = f.train("dense --code 5 --epochs 1 --init " + first);
  CHECK(output.err == "");
  CHECK(tells(output.out,
              "taken from " + first + ": encoder.0.weight, encoder.0.bias\n" +
                  "not taken: decoder.0.weight ([36, 5] here, [5, 3] there), decoder.0.bias ([36] "
                  "here, [5] there), decoder.2.bias (the model has none), decoder.2.weight (the "
                  "model has none), encoder.2.bias (the model has none), encoder.2.weight (the "
                  "model has none)\n"));
  const std::string wide = f.folder.path("wide");
  REQUIRE(
      run_hourglass("train deep --hidden 5,4 --code 3 --epochs 1 --batch 16 --no-report --data " +
                    f.folder.path("data") + " --out " + wide + " --init " + first)
          .out.find("encoder.4.weight (there is none)") != std::string::npos);
}
