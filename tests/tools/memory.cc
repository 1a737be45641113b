// Models that this machine could not hold: refused in one line, before anything large is made.

#include <doctest/doctest.h>
#include <fmt/core.h>

#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

// The line begins so, goes on with what the machine has, and ends so.
void check_refused(const std::string& words, const std::string& begins, const std::string& ends) {
  const Output output = run_hourglass(words);
  CAPTURE(words);
  CAPTURE(output.err);
  CHECK(output.code == 2);
  CHECK(output.out == "");
  CHECK(output.err.starts_with("hourglass: error: " + begins + " do not fit in memory: "));
  CHECK(output.err.ends_with(" MB: largest: " + ends + "\n"));
  CHECK(output.err.find('\n') == output.err.size() - 1);
}

// 784 by a billion, both ways; each weight and bias, its gradient's size once for the largest.
const std::string kLargest =
    "encoder.0.weight f32 [1000000000, 784] 3136000.0 MB, decoder.0.weight f32 [784, 1000000000] "
    "3136000.0 MB, encoder.0.bias f32 [1000000000] 4000.0 MB";

}  // namespace

TEST_CASE("a model too large to train is refused with its largest weights, and leaves nothing") {
  const TemporaryFolder folder;
  const std::string run = " --code 1000000000 --out " + folder.path("run");
  const std::string what = "train: weights, gradients, optimiser state and snapshots";
  check_refused("train dense" + run, what, kLargest);
  check_refused("train dense --epochs 1 --optimizer sgd" + run, what, kLargest);
  check_refused("train vae --hidden 3000000000 --out " + folder.path("run"), what,
                "encoder.0.weight f32 [3000000000, 784] 9408000.0 MB, decoder.2.weight f32 [784, "
                "3000000000] 9408000.0 MB, mean.weight f32 [20, 3000000000] 240000.0 MB");
  CHECK(folder.list().empty());
}

TEST_CASE("what training keeps is counted") {
  const TemporaryFolder folder;
  const std::string run = " --code 1000000000 --out " + folder.path("run");
  const double weights = 2 * 3136000 + 4000 + 0.003136, largest = 3136000;
  const auto check = [&](const std::string& options, int copies) {
    CAPTURE(options);
    const std::string bytes = fmt::format(" memory: {:.1f} MB vs ", copies * weights + largest);
    CAPTURE(bytes);
    const Output output = run_hourglass("train dense" + options + run);
    CHECK(output.err.find(bytes) != std::string::npos);
  };
  check("", 9);  // weights and two moments, and two snapshots of them
  check(" --epochs 1", 9);
  check(" --epochs 1 --optimizer sgd", 3);
  check(" --epochs 1 --optimizer sgd --momentum 0.5", 6);
  check(" --keep-best", 12);
}

TEST_CASE("a model too large to be made is refused where it is explained") {
  check_refused("explain dense --code 1000000000", "autoencoder: weights", kLargest);
  check_refused("explain dense --plan --code 1000000000", "autoencoder: weights", kLargest);
}

TEST_CASE("a codebook too large is refused like any weight") {
  const TemporaryFolder folder;
  check_refused("train vq-vae --codebook 1000000000000,4 --out " + folder.path("run"),
                "train: weights, gradients, optimiser state and snapshots",
                "codebook.weight f32 [1000000000000, 4] 16000000.0 MB, encoder.0.weight f32 [400, "
                "784] 1.3 MB, decoder.2.weight f32 [784, 400] 1.3 MB");
  CHECK(folder.list().empty());
}

TEST_CASE("more new images, or larger ones, than memory holds are refused ahead of any work") {
  const TemporaryFolder folder;
  write_small_data(folder.path("data"));  // of 6 by 6
  const std::string run = folder.path("run"), data = " --data " + folder.path("data");
  const auto check = [&](const std::string& words, const std::string& begins) {
    const Output output = run_hourglass(words);
    CAPTURE(words);
    CAPTURE(output.err);
    CHECK(output.code == 2);
    CHECK(output.err.starts_with("hourglass: error: " + begins + " MB vs "));
  };
  check("train dense --pad 100000 --out " + run + data,
        "pad: the images do not fit in memory: 400000.0");
  REQUIRE(run_hourglass("train dense --code 2 --epochs 1 --out " + run + data).code == 0);
  const std::string out = run + " -o " + folder.path("x.npy");
  const std::string trillion = "1000000000000 images and their codes do not fit in memory: ";
  const std::string line = ": " + trillion + "204000000.0";  // 12 * 2 + 5 * 36 bytes each
  check("sample --count 1000000000000 " + out, "sample" + line);
  check("manifold --size 1000000 " + out, "manifold" + line);
  check("traverse --steps 500000000000 " + out, "traverse" + line);
  check("interpolate --from 1 --to 2 --steps 1000000000000 " + out, "interpolate" + line);
  CHECK(folder.list() == std::vector<std::string>{"data", "run"});
}
