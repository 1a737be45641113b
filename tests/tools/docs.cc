// A page of the documentation shows what the program prints now: every block that begins with
// `$ hourglass ...` is run again, every picture that a page says how it was drawn is drawn again, and
// code that it quotes stands in the file that it names.

#include <doctest/doctest.h>

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "tests/places.h"
#include "tests/tools/program.h"

using namespace hourglass::test;

namespace {

struct CodeBlock {
  std::string command, expected;
};

std::vector<CodeBlock> blocks_of(const std::string& page) {
  const std::string open = "```\n$ hourglass ";
  std::vector<CodeBlock> blocks;
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at + 1)) {
    const std::size_t command = at + open.size();
    const std::size_t line = page.find('\n', command), end = page.find("```", line);
    REQUIRE(end != std::string::npos);
    blocks.push_back({page.substr(command, line - command), page.substr(line + 1, end - line - 1)});
  }
  return blocks;
}

std::vector<std::filesystem::path> pages() {
  std::vector<std::filesystem::path> all;
  const std::string docs = HOURGLASS_SOURCE_ROOT "/docs";
  for (const auto& entry : std::filesystem::recursive_directory_iterator(docs)) {
    if (entry.path().extension() == ".md") all.push_back(entry.path());
  }
  return all;
}

}  // namespace

TEST_CASE("the pages of the documentation show what the program prints") {
  std::size_t shown = 0;
  for (const auto& path : pages()) {
    for (const CodeBlock& block : blocks_of(read_bytes(path.string()))) {
      CAPTURE(path.filename().string());
      CAPTURE(block.command);
      const Output output = run_hourglass(block.command);
      CHECK(output.code == 0);
      // Where the change is meant: python3 .ci/refresh_docs.py
      CHECK(output.out == block.expected);
      ++shown;
    }
  }
  CHECK(shown >= 18);
}

TEST_CASE("the pictures of the documentation are what the program draws") {
  const std::string drawn = R"(`hourglass (explain [^`]*--svg )([\w.-]+\.svg)`)";
  const TemporaryFolder folder;
  std::size_t count = 0;
  for (const auto& path : pages()) {
    const std::string page = read_bytes(path.string());
    for (const auto& match : matches(page, drawn)) {
      CAPTURE(match[0]);
      const std::string again = folder.path("again.svg");
      REQUIRE(run_hourglass(match[1] + again).code == 0);
      // Where the change is meant: python3 .ci/refresh_docs.py, or tools/variant-pages
      CHECK(read_bytes(again) == read_bytes((path.parent_path() / match[2]).string()));
      ++count;
    }
  }
  CHECK(count >= 14);
}

TEST_CASE("every model has a page of its own, or is named beside those that have") {
  const std::string page = read_bytes(HOURGLASS_SOURCE_ROOT "/docs/variants.md");
  std::istringstream models(run_hourglass("models").out);
  int count = 0;
  for (std::string line; std::getline(models, line); ++count) {
    const std::string name = line.substr(0, line.find(' '));
    CAPTURE(name);
    // Where one is new: tools/variant-pages
    CHECK(page.find("| `" + name + "` |") != std::string::npos);
  }
  CHECK(count >= 24);
}

TEST_CASE("code that the documentation quotes of a file stands there") {
  const std::string quoted = "`([\\w./-]+)`:\n\n```cpp\n([^`]*)```";
  std::size_t count = 0;
  for (const auto& path : pages()) {
    const std::string page = read_bytes(path.string());
    for (const auto& match : matches(page, quoted)) {
      const std::string source = read_bytes(HOURGLASS_SOURCE_ROOT "/" + match[1]);
      std::string code = match[2];
      for (std::size_t gap = code.find("\n\n"); !code.empty(); gap = code.find("\n\n")) {
        CAPTURE(match[1]);
        CAPTURE(code.substr(0, gap));
        CHECK(source.find(code.substr(0, gap)) != std::string::npos);
        code.erase(0, gap == std::string::npos ? gap : gap + 2);
        ++count;
      }
    }
  }
  CHECK(count >= 20);
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
  const std::string sum = R"(((?:-?[0-9.]+ [-+*] )+-?[0-9.]+) = (-?[0-9.]+))";
  int count = 0;
  for (const auto& match : matches(page, sum)) {
    CAPTURE(match[0]);
    CHECK(fmt::format("{:.5g}", value_of(match[1])) == match[2]);
    ++count;
  }
  CHECK(count == 20);
}
