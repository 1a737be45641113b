// docs/engine.md, the reading path, is held to the sources: what it quotes stands there, what it
// lists has the lines that it says, and the engine proper can be read in one evening.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/sources.h"

namespace {

using namespace hourglass::testing;

constexpr std::size_t kOneEvening = 1500;  // lines of code
constexpr double kClose = 0.1;             // of what the page says a file or a room is long

const std::string& page() {
  static const std::string text = read_text("docs/engine.md");
  return text;
}

// Lines that are neither blank nor a comment.
std::size_t code_lines(const Source& source) {
  return static_cast<std::size_t>(
      std::count_if(source.lines.begin(), source.lines.end(), [](const std::string& line) {
        const std::size_t first = line.find_first_not_of(' ');
        return first != std::string::npos && line.compare(first, 2, "//") != 0;
      }));
}

// Of a file, or of all files below a folder, which ends in "/".
std::size_t code_lines(const std::string& path) {
  std::size_t lines = 0;
  for (const Source& source : sources()) {
    const bool counts = path.back() == '/' ? source.path.starts_with(path) : source.path == path;
    if (counts) lines += code_lines(source);
  }
  return lines;
}

// The rows `| `path` | lines | ...` of the page's tables.
struct Row {
  std::string path;
  std::size_t lines;
};

std::vector<Row> rows(bool folders) {
  static const std::regex row(R"(^\| `([\w./-]+)` \| ([\d,]+) \|)");
  std::vector<Row> found;
  for (const std::string& line : lines_of(page())) {
    std::smatch match;
    if (!std::regex_search(line, match, row)) continue;
    std::string number = match[2];
    std::erase(number, ',');
    if ((match[1].str().back() == '/') == folders) found.push_back({match[1], std::stoul(number)});
  }
  return found;
}

// A block of code of the page that names its file in its first line: "// autograd/graph/op.h".
struct Quote {
  std::string path, code;
};

std::vector<Quote> quotes() {
  const std::string open = "```cpp\n// ";
  std::vector<Quote> found;
  for (std::size_t at = page().find(open); at != std::string::npos;
       at = page().find(open, at + 1)) {
    const std::size_t path = at + open.size(), line = page().find('\n', path);
    const std::size_t end = page().find("\n```", line);
    REQUIRE(end != std::string::npos);
    found.push_back({page().substr(path, line - path), page().substr(line, end + 1 - line)});
  }
  return found;
}

}  // namespace

TEST_CASE("the engine proper is at most 1,500 lines of whole files") {
  std::size_t all = 0;
  for (const Row& row : rows(false)) all += code_lines(row.path);
  MESSAGE("lines of code of the engine proper: " << all);
  CHECK(all <= kOneEvening);
  CHECK(page().find("**1,500 lines of code**") != std::string::npos);
}

// What a reading path is: each of these has to be on it.
TEST_CASE("the engine proper is var, op, grad, vmap, jacobian, evaluate and one of each family") {
  const std::vector<Row> listed = rows(false);
  const auto lists = [&](const std::regex& path) {
    return std::any_of(listed.begin(), listed.end(),
                       [&](const Row& row) { return std::regex_match(row.path, path); });
  };
  for (const std::string path :
       {"autograd/graph/var\\.h", "autograd/graph/node\\.cc", "autograd/graph/leaf\\.cc",
        "autograd/graph/op\\.h", "autograd/graph/op\\.cc", "autograd/graph/graph\\.cc",
        "autograd/graph/evaluate\\.cc", "autograd/transform/grad\\.cc",
        "autograd/transform/vmap\\.cc", "autograd/transform/jacobian\\.cc",
        "autograd/ops/\\w+\\.cc", "tensor/kernels/\\w+/\\w+\\.cc", "ae/papers/\\w+\\.cc"}) {
    CAPTURE(path);
    CHECK(lists(std::regex(path)));
  }
}

TEST_CASE("files and rooms are as long as docs/engine.md says") {
  const std::vector<Row> rooms = rows(true);
  CHECK(rooms.size() >= 4);
  std::vector<Row> all = rows(false);
  all.insert(all.end(), rooms.begin(), rooms.end());
  for (const Row& row : all) {
    CAPTURE(row.path);
    const auto counted = static_cast<double>(code_lines(row.path));
    CHECK(counted > 0);
    CHECK(std::abs(static_cast<double>(row.lines) - counted) <= std::max(5.0, kClose * counted));
  }
}

TEST_CASE("code that docs/engine.md quotes stands in the file that it names") {
  std::set<std::string> quoted;
  for (const Quote& quote : quotes()) {
    CAPTURE(quote.path);
    CAPTURE(quote.code);
    const Source* source = find_source(quote.path);
    REQUIRE(source != nullptr);
    CHECK(source->text.find(quote.code) != std::string::npos);
    quoted.insert(quote.path);
  }
  // A walk shows what it walks through: every .cc file of the list.
  for (const Row& row : rows(false)) {
    CAPTURE(row.path);
    CHECK((!row.path.ends_with(".cc") || quoted.count(row.path) > 0));
  }
}
