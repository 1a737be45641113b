#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "tensor/files/png.h"
#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;

namespace {

// The number that follows a text.
double after(const std::string& out, const std::string& text) {
  const std::size_t at = out.find(text);
  REQUIRE(at != std::string::npos);
  return std::stod(out.substr(at + text.size()));
}

}  // namespace

TEST_CASE("every example runs") {
  for (const char* name :
       {"adversarial", "classifier",     "compression", "convolutional",    "denoising",
        "documents",   "free_functions", "generation",  "linear",           "manifold",
        "outliers",    "own_op",         "photos",      "quickstart",       "regression",
        "series",      "similar_images", "sparse",      "stacked",          "table",
        "telemetry",   "transfer",       "variational", "vector_quantised", "words"}) {
    CAPTURE(name);
    const Output output = run_program(std::string(HOURGLASS_EXAMPLES "/") + name, "");
    CHECK(output.err == "");
    CHECK(output.code == 0);
    CHECK(output.out != "");
    CHECK(output.out.find("nan") == std::string::npos);
  }
}

TEST_CASE("an Error that an example does not catch is one line") {
  const Output output = run_program(HOURGLASS_EXAMPLES "/load_model", "none");
  CHECK(output.code == 1);
  CHECK(output.err ==
        "error: load_run: none/config.json: cannot open: No such file or directory\n");
}

TEST_CASE("the three ways to a sparse code lead to sparser ones than none") {
  const std::string out = run_program(HOURGLASS_EXAMPLES "/sparse", "").out;
  const auto hoyer = [&](const char* name) {
    const std::size_t line = out.find(name);
    REQUIRE(line != std::string::npos);
    return after(out.substr(line), "(Hoyer) ");
  };
  for (const char* name : {"L1", "KL", "top 10"}) {
    CAPTURE(name);
    CHECK(hoyer(name) > hoyer("plain") + 0.1);
  }
}

TEST_CASE(
    "every example has less than a hundred lines, those of other data than digits less than 60") {
  for (const auto& entry : std::filesystem::directory_iterator(HOURGLASS_SOURCE_ROOT "/examples")) {
    if (entry.path().stem() == "demo") continue;  // what the demonstrations share
    const std::string code = read_bytes(entry.path().string());
    const std::string name = entry.path().stem().string();
    const bool of_data = name == "photos" || name == "series" || name == "table" || name == "words";
    CHECK_MESSAGE(std::count(code.begin(), code.end(), '\n') < (of_data ? 60 : 100), entry.path());
  }
}

TEST_CASE("the examples of other data say what their models are worth") {
  const auto printed = [](const char* name) {
    return run_program(std::string(HOURGLASS_EXAMPLES "/") + name, "").out;
  };
  const std::string table = printed("table");
  const std::string noon = table.substr(table.find("noon"));
  CHECK(after(noon, "off by ") < 0.1 * after(noon, "a deviation of "));
  CHECK(std::abs(after(printed("series"), "at step ") - 1905) <= 5);
  const std::string words = printed("words");
  CHECK(after(words, "perplexity ") < 0.7 * after(words, "each is used, "));
  const TemporaryFolder folder;
  const std::string sheet = folder.path("sheet.png");
  write_small_data(folder.path("digits"), 40, 10, 8);
  const Output photos =
      run_program(HOURGLASS_EXAMPLES "/photos", folder.path("digits") + " " + sheet);
  CHECK(photos.err == "");
  CHECK(photos.out.starts_with("images of 8 by 8, a code of 32: mean squared error of a pixel 0."));
  CHECK(read_png(sheet).shape()[2] == 3);
}

TEST_CASE("the examples of uses are worth what they are for") {
  const auto printed = [](const char* name) {
    return run_program(std::string(HOURGLASS_EXAMPLES "/") + name, "").out;
  };
  CHECK(after(printed("outliers"), "ROC-AUC ") > 0.9);
  CHECK(after(printed("telemetry"), "F1 of the alarms: ") > 0.85);
  const std::string documents = printed("documents"), transfer = printed("transfer");
  CHECK(after(documents, "of 16 numbers ") > after(documents, "class: by TF-IDF ") + 0.05);
  CHECK(after(documents, "by codes 0") > after(documents, "labels: by TF-IDF 0") + 0.1);
  CHECK(after(transfer, "wrong ") < after(transfer, "transferred, "));
  const std::string similar = printed("similar_images");
  CHECK(after(similar, "by codes ") > after(similar, "by pixels "));
  const std::string compression = printed("compression"), generation = printed("generation");
  const auto psnr = [&](const char* line) {
    return after(compression.substr(compression.find(line)), "PSNR ");
  };
  CHECK(psnr("autoencoder steps of 0.50") > psnr("PCA         steps of 0.50") + 1);
  CHECK(after(compression, "autoencoder steps of 0.50: ") <
        1.05 * after(compression, "PCA         steps of 0.50: "));
  CHECK(after(generation, "five draws ") < after(generation, "VAE ") - 2);
  const std::string manifold = printed("manifold");
  CHECK(after(manifold, "variance: ") < 0.01 * after(manifold, "components "));
}

namespace {

// What a demonstration prints; it has drawn a picture.
std::string demonstrated(const std::string& name, const std::string& arguments) {
  const TemporaryFolder folder;
  const std::string picture = folder.path("picture.png");
  const Output output = run_program(HOURGLASS_EXAMPLES "/" + name, picture + " " + arguments);
  CAPTURE(name);
  CHECK(output.err == "");
  CHECK(output.code == 0);
  CHECK(output.out.ends_with("wrote " + picture + "\n"));
  CHECK(hourglass::read_png(picture).elements() > 10000);
  return output.out;
}

}  // namespace

TEST_CASE("a denoising autoencoder's field is the score of a noisy ring") {
  const std::string out = demonstrated("vector_field", "30");
  CHECK(after(out, "cosine ") > 0.99);
  CHECK(after(out, "relative squared error ") < 0.02);
}

TEST_CASE("noise becomes a ring") {
  const std::string out = demonstrated("noise_to_ring", "15");
  CHECK(after(out, "from noise: radius ") == doctest::Approx(1).epsilon(0.1));
  CHECK(after(out.substr(out.find("from noise")), "deviation ") < 0.25);
  CHECK(after(out.substr(out.find("from noise")), "gap ") < 15);
}

TEST_CASE("a model of digits fails on faces, drawn or read") {
  const std::string drawn = demonstrated("unlike_data", "2");
  CHECK(after(drawn, "faces ") > 2 * after(drawn, "unseen digits "));
  const TemporaryFolder data;
  write_small_data(data.path(), 40, 12, 20);
  CHECK(after(demonstrated("unlike_data", "1 " + data.path()), "faces ") > 0.05);
  const Output missing =
      run_program(HOURGLASS_EXAMPLES "/unlike_data", data.path("x.png") + " 1 " + data.path("no"));
  CHECK(missing.code == 2);
  CHECK(missing.err.find(data.path("no")) != std::string::npos);
}

TEST_CASE("a network with room for it learns twelve digits by heart") {
  const std::string out = demonstrated("memorise", "120");
  CHECK(after(out, "learnt ") < 0.001);
  CHECK(after(out, "unseen ") > 0.03);
  CHECK(after(out, "passes ") >= 6);
}

TEST_CASE("units fire for classes, and one network learns by each of three losses") {
  CHECK(after(demonstrated("firing", "4"), "0: unit ") >= 0);
  const std::string out = demonstrated("losses", "2");
  CHECK(after(out, "learnt by squared error              squared error ") < 50);
  CHECK(after(out, "learnt by categorical cross-entropy  squared error ") < 60);
}

TEST_CASE("the example of a variational autoencoder draws digits") {
  const TemporaryFolder folder;
  REQUIRE(run_program(HOURGLASS_EXAMPLES "/variational", folder.path("digits.png")).code == 0);
  CHECK(read_png(folder.path("digits.png")).shape().rank() == 2);
}

TEST_CASE("the example that loads a model uses one that the program saved") {
  const TemporaryFolder folder;
  REQUIRE(run_hourglass("train dense --epochs 1 --images 200 --out " + folder.path("run")).code ==
          0);
  const std::string out = folder.path("out");
  const std::string command =
      "'" HOURGLASS_EXAMPLES "/load_model' " + folder.path("run") + " >" + out + " 2>&1";
  CHECK(std::system(command.c_str()) == 0);
  CHECK(read_bytes(out).find("code [5, 32], mean squared error 0.") == 0);
}

TEST_CASE("the README shows the examples as they are compiled") {
  const std::string readme = read_bytes(HOURGLASS_SOURCE_ROOT "/README.md");
  for (const char* name : {"load_model", "own_op", "quickstart"}) {
    const std::string code =
        read_bytes(std::string(HOURGLASS_SOURCE_ROOT "/examples/") + name + ".cc");
    REQUIRE(code.size() > 100);
    CHECK_MESSAGE(readme.find("```cpp\n" + code + "```") != std::string::npos, name);
  }
}
