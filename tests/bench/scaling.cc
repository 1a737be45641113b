#include <doctest/doctest.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;
using nlohmann::json;

namespace {

const std::string kScaling = HOURGLASS_BENCH "/scaling";

// A program in place of ours, whose times grow as the size, and of `deep code` as its square.
constexpr const char* kStandIn = R"(#!/bin/sh
echo '{"cpu": "any", "kernels": "any"}'
echo "{\"axis\": \"$1\", \"about\": \"all\", \"expected\": 1}"
for size in 1 2 4 8; do
  ms=$size
  [ "$1" != 'deep code' ] || ms=$((size * size))
  echo "{\"axis\": \"$1\", \"size\": $size, \"ms\": $ms, \"works_ms\": {\"products\": $size}}"
done
)";

}  // namespace

TEST_CASE("bench/scaling's program times a step at sizes that double") {
  const Output output = run_program(kScaling, "batch --most 4 --seconds 0.001");
  REQUIRE(output.code == 0);
  std::istringstream in(output.out);
  std::vector<json> lines;
  for (std::string line; std::getline(in, line);) lines.push_back(json::parse(line));
  REQUIRE(lines.size() == 5);
  CHECK(lines[1]["axis"] == "batch");
  CHECK(lines[1]["expected"] == 1);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK(lines[i + 2]["size"] == 1 << i);
    CHECK(lines[i + 2]["ms"].get<double>() > 0);
    CHECK(lines[i + 2]["ms"].get<double>() <= lines[i + 2]["median_ms"].get<double>());
    CHECK(lines[i + 2]["works_ms"]["products"].get<double>() > 0);
    CHECK(lines[i + 2]["peak_bytes"].get<double>() > 12.0 * 784 * 256 * 2);
  }
  const Output unknown = run_program(kScaling, "height");
  CHECK(unknown.code == 2);
  CHECK(unknown.err ==
        "scaling: error: scaling: there is no axis named height: expected one of batch, width, "
        "depth, code, deep code, side, threads\n");
}

TEST_CASE(
    "bench/scaling fits exponents, names what grows too fast and keeps the rest of the page") {
  const TemporaryFolder folder;
  write_bytes(folder.path("bench/scaling"), kStandIn);
  std::filesystem::permissions(folder.path("bench/scaling"), std::filesystem::perms::owner_all);
  write_bytes(folder.path("benchmarks.md"), "# Page\n\n## Scaling\n\nOld.\n\n## After\n\nKept.\n");
  const Output output =
      run_program("python3", HOURGLASS_SOURCE_ROOT "/bench/scaling --build '" + folder.path() +
                                 "' --docs '" + folder.path() + "'");
  CHECK(output.err == "");
  REQUIRE(output.code == 0);
  const std::string page = read_bytes(folder.path("benchmarks.md"));
  CHECK(page.starts_with("# Page\n\n## Scaling\n\nWritten by `bench/scaling`"));
  CHECK(page.find("Old.") == std::string::npos);
  CHECK(page.ends_with("![ms a step by size](scaling.svg)\n\n## After\n\nKept.\n"));
  CHECK(page.find("Faster than it should: deep code.\ndeep code: ms at 2 products 2; at 8 products "
                  "8.\n") != std::string::npos);
  CHECK(page.find("| batch: all | 1 to 8 | 1, 4, 8 | 1.00 | 1 |  |\n") != std::string::npos);
  CHECK(page.find(
            "| deep code: all | 1 to 8 | 1, 16, 64 | 2.00 | 1 | grows faster than it should |\n") !=
        std::string::npos);
  CHECK(read_bytes(folder.path("scaling.svg")).starts_with("<svg "));
}
