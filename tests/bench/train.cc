#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

const std::string kTrain = HOURGLASS_BENCH "/train";

}  // namespace

TEST_CASE("bench/train prints an object a workload") {
  const Output output = run_program(kTrain, "W1 W6a --threads 2 --seconds 0.02 --json");
  REQUIRE(output.code == 0);
  const std::size_t end = output.out.find('\n');
  const json first = json::parse(output.out.substr(0, end));
  const json second = json::parse(output.out.substr(end + 1));
  CHECK(first["workload"] == "W1");
  CHECK(second["workload"] == "W6a");
  for (const json& line : {first, second}) {
    CHECK(line["threads"] == 2);
    const double median = line["ms"]["median"].get<double>();
    CHECK(line["ms"]["min"].get<double>() > 0);
    CHECK(line["ms"]["min"].get<double>() <= median);
    CHECK(median <= line["ms"]["max"].get<double>());
    CHECK(line["samples_per_s"].get<double>() == doctest::Approx(128e3 / median).epsilon(1e-12));
    // What a step holds at least: the weights, twice as much of Adam's state, the images.
    const double weights = (line["workload"] == "W1" ? 36 : 256) * 784 * 2 * 4.0;
    CHECK(line["peak_bytes"].get<double>() > 3 * weights + 8 * 128 * 784 * 4.0);
    CHECK(line["peak_bytes"].get<double>() < 500e6);
  }
}

TEST_CASE("bench/train times inference, whose parameters stay, at one image and at many") {
  const Output output = run_program(kTrain, "W7a-b1 W7c-b256 --seconds 0.02 --json");
  REQUIRE(output.code == 0);
  const std::size_t end = output.out.find('\n');
  const json one = json::parse(output.out.substr(0, end));
  const json many = json::parse(output.out.substr(end + 1));
  CHECK(one["workload"] == "W7a-b1");
  CHECK(many["workload"] == "W7c-b256");
  const auto images = [](const json& line) {
    return line["samples_per_s"].get<double>() * line["ms"]["median"].get<double>() / 1e3;
  };
  CHECK(images(one) == doctest::Approx(1).epsilon(1e-12));
  CHECK(images(many) == doctest::Approx(256).epsilon(1e-12));
}

TEST_CASE("bench/train refuses what it cannot do in one line") {
  const auto refused = [](const std::string& arguments, const std::string& line) {
    const Output output = run_program(kTrain, arguments);
    CHECK(output.code == 2);
    CHECK(output.out == "");
    CHECK(output.err == "train: error: " + line + "\n");
  };
  refused("W1 W9",
          "workload: there is none named W9: expected one of W1, W2b128, W2b512, W3, W4, W5, "
          "W6a, W6b, W6c, W8, W1f64, W7a-b1, W7a-b256, W7b-b1, W7b-b256, W7c-b1, W7c-b256, "
          "W9a, W9b, W9c");
  refused("W1 --threads 0", "threads: expected 1 to 1024: got 0");
  refused("W1 --threads 10000", "threads: expected 1 to 1024: got 10000");
  refused("W1 --seconds -1", "seconds: expected above 0, at most 3600: got -1");
}
