// A page of the documentation shows what the program prints now: every block that begins with
// `$ hourglass ...` is run again.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>

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
