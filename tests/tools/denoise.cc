#include <doctest/doctest.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "tensor/files/npy.h"
#include "tests/tools/data_files.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::test;
using nlohmann::json;

namespace {

// A run of small images, 12 high and wide.
struct Noisy {
  TemporaryFolder folder;
  std::string run = folder.path("run"), out = folder.path("clean.npy");

  Noisy() {
    write_small_data(folder.path("data"), 40, 10, 12);
    REQUIRE(run_hourglass("train denoising --hidden 30 --code 6 --epochs 3 --batch 8 --data " +
                          folder.path("data") + " --out " + run)
                .code == 0);
  }
  std::string images() const { return folder.path("data/t10k-images-idx3-ubyte"); }
  Output denoise(const std::string& words) const {
    return run_hourglass("denoise " + run + " " + words + " -o " + out);
  }
  void refused(const std::string& words, const std::string& line) const {
    const Output output = denoise(words);
    CHECK(output.code == 2);
    CHECK(output.err == "hourglass: error: " + line + "\n");
  }
};

}  // namespace

TEST_CASE("denoise writes what reconstruct does, of examples that are taken for noisy") {
  const Noisy noisy;
  const Output output = noisy.denoise(noisy.images());
  CHECK(output.err == "");
  CHECK(output.out == "wrote 10 images without noise to " + noisy.out + "\n");
  const std::string direct = noisy.folder.path("direct.npy");
  REQUIRE(run_hourglass("reconstruct " + noisy.run + " " + noisy.images() + " -o " + direct).code ==
          0);
  CHECK(read_npy(noisy.out).identical(read_npy(direct)));
}

TEST_CASE("noise is added and judged by the images that it was added to, the same for a seed") {
  const Noisy noisy;
  const auto judged = [&](const std::string& options) {
    return json::parse(noisy.denoise(noisy.images() + " --json --noise " + options).out);
  };
  const json slight = judged("gaussian:0.01"), strong = judged("gaussian:0.5");
  // Noise of deviation s has the mean square s^2.
  CHECK(slight["mse"]["before"].get<double>() == doctest::Approx(1e-4).epsilon(0.15));
  CHECK(slight["psnr"]["before"].get<double>() == doctest::Approx(40).epsilon(0.02));
  CHECK(strong["psnr"]["before"].get<double>() == doctest::Approx(6).epsilon(0.1));
  CHECK(strong["ssim"]["before"] < slight["ssim"]["before"]);
  CHECK(strong["ssim"]["after"].get<double>() <= 1);
  CHECK(judged("gaussian:0.5 --seed 0") == strong);
  CHECK(judged("gaussian:0.5 --seed 4") != strong);
  const Output text = noisy.denoise(noisy.images() + " --noise masking:0.5");
  CHECK(text.out.starts_with("mse   0."));
  CHECK(text.out.find("\npsnr  ") != std::string::npos);
  CHECK(text.out.find(" before, ") != std::string::npos);
}

TEST_CASE("clean examples of a file judge noisy ones of another, of tables too") {
  const TemporaryFolder folder;
  const std::string table = folder.path("days.csv"), run = folder.path("run");
  write_bytes(table, kelvin_csv());
  REQUIRE(run_hourglass("train pca --code 4 --label site --data " + table + " --out " + run).code ==
          0);
  const auto json_of = [&](const std::string& noisy) {
    const Output output = run_hourglass("denoise " + run + " " + noisy + " --clean " + table +
                                        " --json -o " + folder.path("y.csv"));
    CHECK(output.err == "");
    return json::parse(output.out);
  };
  const json same = json_of(table);
  CHECK(same["mse"]["before"] == 0);
  CHECK(same["mse"]["after"].get<double>() < 1e-6);
  CHECK_FALSE(same.contains("psnr"));
  // A copy with noise of its own.
  std::string text = kelvin_csv();
  text.replace(text.find("hill,") + 5, 3, "400");
  write_bytes(folder.path("wrong.csv"), text);
  CHECK(json_of(folder.path("wrong.csv"))["mse"]["before"].get<double>() ==
        doctest::Approx(110.0 * 110 / 240).epsilon(0.05));
}

TEST_CASE("what denoise cannot do is said in one line") {
  const Noisy noisy;
  const std::string train = noisy.folder.path("data/train-images-idx3-ubyte");
  noisy.refused(noisy.images() + " --clean " + train,
                "denoise: clean: " + train + " holds 40 images for 10 noisy ones");
  noisy.refused(noisy.images() + " --clean " + train + " --noise gaussian:1",
                "denoise: --clean and --noise: leave one out");
  CHECK(noisy.denoise(noisy.images() + " --noise fog:1").code == 2);
  const TemporaryFolder folder;
  write_small_data(folder.path("data"), 12, 5, 6);
  const std::string small = folder.path("data/t10k-images-idx3-ubyte");
  noisy.refused(
      small, "denoise: the model takes images of 12 by 12, " + small + " holds images of 6 by 6");
  const std::string counts = folder.path("words.svm"), run = folder.path("run");
  write_bytes(counts, words_svm());
  REQUIRE(run_hourglass("train dense --epochs 1 --data " + counts + " --out " + run).code == 0);
  const Output output = run_hourglass("denoise " + run + " " + counts + " --noise masking:0.5 -o " +
                                      folder.path("y.npy"));
  CHECK(output.err ==
        "hourglass: error: denoise: noise: of counts there is no way back from noisy "
        "logarithms\n");
}
