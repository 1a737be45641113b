// A page of the documentation shows what the program prints now: every block that begins with
// `$ hourglass ...` is run again.

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <regex>
#include <sstream>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

struct Block {
  std::string command, expected;
};

std::vector<Block> blocks_of(const std::string& page) {
  const std::string open = "```\n$ hourglass ";
  std::vector<Block> blocks;
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at + 1)) {
    const std::size_t command = at + open.size();
    const std::size_t line = page.find('\n', command), end = page.find("```", line);
    REQUIRE(end != std::string::npos);
    blocks.push_back({page.substr(command, line - command), page.substr(line + 1, end - line - 1)});
  }
  return blocks;
}

}  // namespace

TEST_CASE("the pages of the documentation show what the program prints") {
  std::size_t shown = 0;
  for (const auto& entry : std::filesystem::directory_iterator(HOURGLASS_SOURCE_ROOT "/docs")) {
    if (entry.path().extension() != ".md") continue;
    for (const Block& block : blocks_of(read_bytes(entry.path().string()))) {
      CAPTURE(entry.path().filename().string());
      CAPTURE(block.command);
      const Output output = run_hourglass(block.command);
      CHECK(output.code == 0);
      // Where the change is meant: python3 .ci/refresh_docs.py
      CHECK(output.out == block.expected);
      ++shown;
    }
  }
  CHECK(shown >= 4);
}

namespace {

// A sum of products of plain numbers: "2 * 0.5 - 3 * 0.25".
double value_of(const std::string& text) {
  std::istringstream words(text);
  double sum = 0, product = 1, sign = 1;
  for (std::string word; words >> word;) {
    if (word == "+" || word == "-") {
      sum += sign * product;
      product = 1;
      sign = word == "+" ? 1 : -1;
    } else if (word != "*") {
      product *= std::stod(word);
    }
  }
  return sum + sign * product;
}

}  // namespace

TEST_CASE("what the pages compute by hand is right to its last digit") {
  const std::string page = read_bytes(HOURGLASS_SOURCE_ROOT "/docs/one-autoencoder.md");
  const std::regex sum(R"(((?:-?[0-9.]+ [-+*] )+-?[0-9.]+) = (-?[0-9.]+))");
  int count = 0;
  for (std::sregex_iterator at(page.begin(), page.end(), sum), end; at != end; ++at) {
    CAPTURE(at->str());
    CHECK(fmt::format("{:.5g}", value_of((*at)[1])) == (*at)[2]);
    ++count;
  }
  CHECK(count == 16);
}
