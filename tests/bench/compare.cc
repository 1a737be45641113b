#include <doctest/doctest.h>

#include <filesystem>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

// Runs bench/compare on one row, with programs in place of ours: the row's ratio wavers in so many
// of its first timings. Five pairs a try.
struct Wavering {
  TemporaryFolder build;
  Output output;

  explicit Wavering(int timings) {
    write_script("bench/train",
                 "echo '{\"cpu\": \"any\", \"kernels\": \"any\", \"blas\": \"any\"}'");
    write_script("peers/bin/python", "");
    const std::string count = "'" + build.path("count") + "'";
    write_script("bench/bounds",
                 "echo >>" + count + "; n=$(wc -l <" + count + "); ratio=0.5; [ $n -gt " +
                     std::to_string(timings) +
                     " ] || ratio=$((1 + n % 2)); echo '{\"unit\": \"us\", \"ours\": 1, "
                     "\"limit\": 2, \"ratio\": {\"median\": '$ratio'}}'");
    output = run_program("python3", HOURGLASS_SOURCE_ROOT
                                        "/bench/compare adam --threads 1 --pairs 5 "
                                        "--build '" +
                                        build.path() + "'");
  }
  std::size_t timings() const { return read_bytes(build.path("count")).size(); }

 private:
  void write_script(const std::string& name, const std::string& text) {
    write_bytes(build.path(name), "#!/bin/sh\n" + text + "\n");
    std::filesystem::permissions(build.path(name), std::filesystem::perms::owner_all);
  }
};

}  // namespace

TEST_CASE("bench/compare runs a row again whose pairs waver, three times at most") {
  const Wavering quiet(0), once(4), always(100);
  CHECK(quiet.timings() == 5);
  CHECK(once.timings() == 10);
  for (const Wavering* row : {&quiet, &once}) {
    CHECK(row->output.code == 0);
    CHECK(row->output.out.ends_with(
        "adam               1          1          2  2.00x [2.00-2.00], spread 0 %; us, by hand; "
        "floor 0.833: met\n"));
  }
  CHECK(always.timings() == 15);
  CHECK(always.output.out.ends_with("adam               1  not measured: spread 50 %, 3 times\n"));
}

TEST_CASE("bench/compare has a row for each workload of bench/train, and names them in its error") {
  const Output output = run_program("python3", HOURGLASS_SOURCE_ROOT "/bench/compare W9");
  CHECK(output.code == 2);
  const std::string error = output.err.substr(output.err.find("compare: error: "));
  CHECK(error ==
        "compare: error: there is no row W9: expected one of W1, W2b128, W2b512, W3, W4, W5, W6a, "
        "W6b, W6c, W8, W1f64, W7a-b1, W7a-b256, W7b-b1, W7b-b256, W7c-b1, W7c-b256, W9a, W9b, W9c, "
        "W6b-closed, "
        "W6b-own, "
        "tanh, sigmoid, "
        "normal, product_f64, gradcheck, sparse, epoch, epoch-vae, products, adam, bias_relu, "
        "mse_gradient\n");
  const std::string ours = run_program(HOURGLASS_BENCH "/train", "W9").err;
  const std::string list = ours.substr(ours.find("W1"), ours.size() - ours.find("W1") - 1);
  CHECK(error.find("expected one of " + list) != std::string::npos);
}
