#include <doctest/doctest.h>
#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string_view>

#include "tensor/files/safetensors.h"
#include "tensor/kernels.h"
#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

// A failed command: its exit code, exactly one line, and nothing left in the folder beside what was
// there.
void check_refused(const TemporaryFolder& folder, const std::string& arguments, int code,
                   const std::string& line) {
  const auto before = folder.list();
  const Output output = run_hourglass(arguments);
  CHECK(output.code == code);
  CHECK(output.err == "hourglass: error: " + line + "\n");
  CHECK(folder.list() == before);
}

}  // namespace

TEST_CASE("train writes a run folder that evaluate, info and reconstruct can use") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string run = folder.path("run");
  const std::string data = " --data " + folder.path("data");
  const Output trained =
      run_hourglass("train dense --code 4 --epochs 3 --batch 16 --out " + run + data);
  CHECK(trained.err == "");
  REQUIRE(trained.code == 0);
  for (const char* name : {"config.json", "metrics.jsonl", "timing.jsonl", "model.safetensors",
                           "reconstructions.png"}) {
    CHECK(std::filesystem::exists(run + "/" + name));
  }
  const json config = json::parse(read_bytes(run + "/config.json"));
  CHECK(config["model"] == "dense");
  CHECK(config["spec"]["encoder"] == json({36, 4}));
  CHECK(config["outcome"] == "done");
  CHECK(config["steps"] == 9);
  std::istringstream lines(read_bytes(run + "/metrics.jsonl"));
  std::string line;
  std::vector<json> metrics;
  while (std::getline(lines, line)) metrics.push_back(json::parse(line));
  REQUIRE(metrics.size() == 4);
  CHECK(metrics[0]["split"] == "train");
  CHECK(metrics[0]["terms"]["bce"] == metrics[0]["loss"]);
  CHECK(metrics[3]["split"] == "test");

  const Output evaluated = run_hourglass("evaluate " + run + " --json");
  REQUIRE(evaluated.code == 0);
  const json measured = json::parse(evaluated.out);
  CHECK(measured["mse"] == metrics[3]["mse"]);
  CHECK(measured["sse_per_image"].get<double>() ==
        doctest::Approx(36 * measured["mse"].get<double>()).epsilon(1e-12));
  CHECK(run_hourglass("info " + run).out.starts_with("dense: 36-4-36\n"));

  const std::string images = folder.path("data/t10k-images-idx3-ubyte");
  for (const char* name : {"y.png", "y.npy", "y.idx", "y.idx.gz"}) {
    const Output done =
        run_hourglass("reconstruct " + run + " " + images + " -o " + folder.path(name));
    CHECK(done.err == "");
    CHECK(done.code == 0);
    CHECK(std::filesystem::exists(folder.path(name)));
  }
}

TEST_CASE("equal runs leave equal bytes, on any number of threads") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string options =
      "train deep --hidden 20,10 --code 3 --epochs 2 --batch 16 --seed 5 --data " +
      folder.path("data") + " --out ";
  for (int threads : {1, 2, 3}) {
    const Output output = run_hourglass(options + folder.path(std::to_string(threads)) +
                                        " --threads " + std::to_string(threads));
    REQUIRE(output.code == 0);
  }
  for (const char* name : {"model.safetensors", "metrics.jsonl", "reconstructions.png"}) {
    const std::string first = read_bytes(folder.path("1/") + name);
    CHECK(read_bytes(folder.path("2/") + name) == first);
    CHECK(read_bytes(folder.path("3/") + name) == first);
  }
}

TEST_CASE("with portable bits a model is one file on any threads and any target with FMA") {
  const TemporaryFolder folder;
  std::string first;
  for (const std::string_view target : hourglass::kernels::cpu_targets()) {
    if (target == "baseline") continue;
    for (const int threads : {1, 2, 3, 4}) {
      const std::string out = folder.path(fmt::format("{}-{}", target, threads));
      const Output output = run_hourglass(fmt::format(
          "--cpu {} train deep --portable-bits --hidden 90,40 --code 5 --images 2000 --epochs 1 "
          "--batch 128 --threads {} --out {}",
          target, threads, out));
      INFO(output.err);
      REQUIRE(output.code == 0);
      const std::string model = read_bytes(out + "/model.safetensors");
      if (first.empty()) first = model;
      CHECK(model == first);
      const auto config = json::parse(read_bytes(out + "/config.json"));
      CHECK(config["computed_by"]["portable_bits"] == true);
    }
  }
}

TEST_CASE("an out folder that exists is refused, and --force replaces it whole") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  write_bytes(folder.path("run/config.json"), "{}");
  write_bytes(folder.path("run/old"), "kept");
  const std::string train =
      "train pca --code 2 --data " + folder.path("data") + " --out " + folder.path("run");
  const Output refused = run_hourglass(train);
  CHECK(refused.code == 2);
  CHECK(refused.err.find(folder.path("run")) != std::string::npos);
  CHECK(read_bytes(folder.path("run/old")) == "kept");
  CHECK(run_hourglass(train + " --force").code == 0);
  CHECK_FALSE(std::filesystem::exists(folder.path("run/old")));
  CHECK(std::filesystem::exists(folder.path("run/model.safetensors")));
}

TEST_CASE("data that are missing or of another kind are refused in one line") {
  const TemporaryFolder folder;
  const std::string data = folder.path("data");
  const std::string train = "train dense --out " + folder.path("run") + " --data " + data;
  check_refused(folder, train, 2, "data: " + data + ": cannot open: No such file or directory");
  std::filesystem::create_directory(data);
  check_refused(folder, train, 2, "data: " + data + ": expected files of data, found nothing");
  write_bytes(data + "/notes.txt", "hello");
  write_bytes(data + "/a", idx_bytes({5, 4, 4}));
  write_bytes(data + "/b", idx_bytes({5, 4, 4}));
  check_refused(
      folder, train, 2,
      "data: " + data +
          ": expected MNIST's names (train-images-idx3-ubyte, t10k-images-idx3-ubyte, ...) or "
          "one pair of IDX files: found a (images), b (images)");
  write_small_data(data);
  write_bytes(data + "/train-labels-idx1-ubyte", idx_bytes({39}));
  check_refused(folder, train, 2,
                "data: " + data + "/train-labels-idx1-ubyte: 39 labels for 40 examples");
  write_small_data(data);
  write_bytes(data + "/t10k-images-idx3-ubyte", idx_bytes({10, 6, 7}));
  check_refused(folder, train, 2,
                "data: " + data + "/t10k-images-idx3-ubyte: expected examples as in " + data +
                    "/train-images-idx3-ubyte, image u8 [1, 6, 6]: found image u8 [1, 6, 7]");
}

TEST_CASE("wrong words on the command line are exit code 2") {
  const TemporaryFolder folder;
  const std::string out = " --out " + folder.path("run");
  CHECK(run_hourglass("train dep" + out)
            .err.starts_with("hourglass: error: model: there is none named dep: did you mean deep? "
                             "Expected one of pca, linear, dense, deep, "));
  check_refused(folder, "train dense --epochs 0" + out, 2, "epochs must be at least 1: got 0");
  check_refused(folder, "train dense --lr -1" + out, 2, "lr must be a positive number: got -1");
  check_refused(folder, "train dense --batch 0" + out, 2, "batch must be at least 1: got 0");
  check_refused(folder, "train dense --threads 0" + out, 2, "threads: expected 1 to 1024: got 0");
  check_refused(folder, "train dense --code 0" + out, 2,
                "spec: encoder widths must be at least 1: got [784, 0]");
  check_refused(folder, "train dense --loss mae" + out, 2,
                "loss: there is none named mae: did you mean mse? Expected one of mse, bce, "
                "correntropy, gaussian, learnt-gaussian, multinomial, poisson, nb, zinb");
  check_refused(folder, "train pca --tied" + out, 2,
                "train: pca is solved, not trained: only --code and --scale apply");
  CHECK(run_hourglass("nonsense").code == 2);
  CHECK(run_hourglass("").code == 2);
  CHECK(run_hourglass("--help").code == 0);
  for (const char* command : {"train", "evaluate", "reconstruct", "info", "models"}) {
    CHECK(run_hourglass(std::string(command) + " --help").code == 0);
  }
}

TEST_CASE(
    "a learning rate that blows up stops the run, names step and term, and keeps good weights") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string run = folder.path("run");
  const Output output = run_hourglass("train linear --lr 1e30 --epochs 5 --batch 16 --data " +
                                      folder.path("data") + " --out " + run);
  CHECK(output.code == 1);
  CHECK(
      output.err.starts_with("hourglass: error: train: loss term mse is not finite at step 2 "
                             "(epoch 1), first in matmul f32 "
                             "[16, 36] in decoder.0 of "));
  CHECK(output.err.ends_with(": the weights of the last good step are kept in " + run + "\n"));
  CHECK(run_hourglass("evaluate " + run).code == 0);
}

TEST_CASE("a run folder without a model, or with a damaged one, is refused") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string run = folder.path("run");
  REQUIRE(
      run_hourglass("train pca --code 2 --data " + folder.path("data") + " --out " + run).code ==
      0);
  const std::string model = read_bytes(run + "/model.safetensors");
  std::filesystem::remove(run + "/model.safetensors");
  const Output missing = run_hourglass("evaluate " + run);
  CHECK(missing.code == 2);
  CHECK(missing.err.find("model.safetensors") != std::string::npos);
  for (std::size_t keep : {std::size_t{0}, std::size_t{5}, std::size_t{40}, model.size() - 1}) {
    write_bytes(run + "/model.safetensors", model.substr(0, keep));
    const Output cut = run_hourglass("evaluate " + run);
    CHECK(cut.code == 2);
    CHECK(cut.err.find("model.safetensors") != std::string::npos);
    CHECK(cut.err.find('\n') == cut.err.size() - 1);
  }
  check_refused(folder, "evaluate " + folder.path("nothing"), 2,
                "run folder: " + folder.path("nothing/config.json") +
                    ": cannot open: No such file or directory");
}

TEST_CASE("an out folder that cannot be written is refused before any work") {
  const TemporaryFolder folder;
  write_bytes(folder.path("file"), "");
  const Output output = run_hourglass("train pca --out " + folder.path("file/run"));
  CHECK(output.code == 2);
  CHECK(output.err.find(folder.path("file/run")) != std::string::npos);
}

TEST_CASE("gradcheck certifies a trained model's gradient, first and second order") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  const std::string run = folder.path("run");
  REQUIRE(run_hourglass("train deep --hidden 9,7 --code 3 --epochs 2 --batch 16 --data " +
                        folder.path("data") + " --out " + run)
              .code == 0);
  const Output first = run_hourglass("gradcheck " + run);
  CHECK(first.code == 0);
  CHECK(first.out.find("order 1: passed") != std::string::npos);
  const Output second = run_hourglass("gradcheck " + run + " --second --images 3");
  CHECK(second.code == 0);
  CHECK(second.out.find("order 2: passed") != std::string::npos);
}

TEST_CASE("gradcheck that tests nothing is undecided, exit code 3") {
  // Black images, and no weight but 0: reconstructed without an error, whose slopes are 0.
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));
  std::string images = read_bytes(folder.path("data/t10k-images-idx3-ubyte"));
  std::fill(images.begin() + 16, images.end(), '\0');
  write_bytes(folder.path("data/t10k-images-idx3-ubyte"), images);
  const std::string run = folder.path("run"), weights = run + "/model.safetensors";
  REQUIRE(run_hourglass("train linear --code 3 --epochs 1 --batch 16 --data " +
                        folder.path("data") + " --out " + run)
              .code == 0);
  hourglass::Safetensors model = hourglass::read_safetensors(weights);
  for (auto& [name, tensor] : model.tensors) {
    tensor = hourglass::Tensor(tensor.shape(), tensor.dtype());
  }
  hourglass::write_safetensors(weights, model.tensors, model.metadata);
  const Output output = run_hourglass("gradcheck " + run);
  CHECK(output.code == 3);
  CHECK(output.err == "");
  CHECK(output.out.find("order 1: UNDECIDED") != std::string::npos);
  CHECK(output.out.find("the derivative is 0 everywhere here, which tests nothing") !=
        std::string::npos);
}

TEST_CASE("numbers that are not pixels are refused with their place") {
  const TemporaryFolder folder;
  const auto real_images = [](const std::string& third) {
    std::string bytes = {0, 0, 0x0D, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2};  // f32 [2, 1, 2]
    return bytes + std::string(8, '\0') + third + std::string(4, '\0');
  };
  const std::string file = folder.path("data/faces");
  const std::string train =
      "train pca --code 1 --out " + folder.path("run") + " --data " + folder.path("data");
  write_bytes(file, real_images(std::string("\x7F\xC0\x00\x00", 4)));  // NaN
  check_refused(folder, train, 2,
                "data: " + file + ": image 1, pixel 0: expected a finite number, found nan");
  write_bytes(file, real_images(std::string("\x40\x00\x00\x00", 4)));  // 2
  check_refused(folder, train, 2,
                "data: " + file +
                    ": real pixels from 0 to 2, which look like those of pictures in 0..255: say "
                    "--scale pixels or none");
  write_bytes(file, real_images(std::string("\x3F\x00\x00\x00", 4)));  // 0.5
  CHECK(run_hourglass(train).code == 0);
}
