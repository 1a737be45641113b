// What a pass must know of an op stands in the op's definition: no source asks for its name.

#include <doctest/doctest.h>

#include <regex>
#include <string>
#include <vector>

#include "tests/sources.h"

namespace {

using hourglass::testing::lines_of;
using hourglass::testing::Source;
using hourglass::testing::sources;

// An op's name: `op.name`, `op->name`, `x.op().name`.
const std::string kName = R"(\bop(?:\(\))?(?:\.|->)name\b)";
const std::string kAsks = R"((?:starts_with|ends_with|find|rfind|compare|substr|contains)\b)";

// The ways in which a line asks what an op is called, of those that its text alone shows.
bool asks(const std::string& line) {
  static const std::vector<std::regex> ways = {
      std::regex(R"(find_op\(\s*")"),
      std::regex(kName + R"(\s*[!=]=)"),
      std::regex(R"([!=]=\s*[\w.()\[\]>-]*)" + kName),
      std::regex(kName + R"(\.)" + kAsks),
      std::regex(R"(\b(?:find|count|contains|equal|any_of|search)\w*\([^;]*)" + kName),
  };
  for (const std::regex& way : ways) {
    if (std::regex_search(line, way)) return true;
  }
  return false;
}

// Names that a file gives to an op's name: `const std::string_view name = node.op().name`.
std::vector<std::string> aliases_in(const std::string& text) {
  static const std::regex alias(R"((\w+)\s*=\s*[\w.()\[\]>-]*)" + kName + R"(\s*;)");
  std::vector<std::string> found;
  for (std::sregex_iterator i(text.begin(), text.end(), alias), end; i != end; ++i) {
    found.push_back((*i)[1]);
  }
  return found;
}

// The lines of a source that ask for an op's name.
std::string asked_in(const std::string& path, const std::string& text) {
  std::vector<std::regex> ways;
  for (const std::string& alias : aliases_in(text)) {
    ways.emplace_back(R"((^|[^.\w>]))" + alias + R"(\s*[!=]=|[!=]=\s*)" + alias +
                      R"(\b[^.(]|(^|[^.\w>]))" + alias + R"(\.)" + kAsks);
  }
  std::string found;
  for (const std::string& line : lines_of(text)) {
    bool wrong = asks(line);
    for (const std::regex& way : ways) wrong = wrong || std::regex_search(line, way);
    if (wrong) found += path + ": " + line + "\n";
  }
  return found;
}

}  // namespace

TEST_CASE("no source compares the name of an op or looks one up by a literal") {
  std::string found;
  for (const Source& source : sources()) {
    const bool of_the_program = source.room() != "tests" && source.room() != "bench";
    const bool is_registry = source.path == "autograd/graph/op.cc";
    if (of_the_program && !is_registry) found += asked_in(source.path, source.text);
  }
  CHECK(found == "");
}

TEST_CASE("each way to ask for an op's name is seen") {
  for (const char* line : {
           "if (node.op().name == \"matmul\") return;",
           "return \"cast\" != op->name;",
           "if (op.name.starts_with(\"conv2d\")) return;",
           "static const Op* sum = find_op(\"sum_to\");",
           "return std::find(kMoving.begin(), kMoving.end(), op.name) != kMoving.end();",
           "const auto has_name = [op](const Row& row) { return row.name == op->name; };",
           "const std::string_view name = node.op().name;\nif (name == \"reshape\") return;",
           "const std::string_view op = x.op().name;\nif (op.starts_with(\"conv\")) return;",
       }) {
    CHECK_MESSAGE(asked_in("", line) != "", line);
  }
  for (const char* line : {
           "throw Error(fmt::format(\"{}: no\", node.op().name));",
           "++times[node.op().name];",
           "if (entry.name == name) return entry;",
       }) {
    CHECK_MESSAGE(asked_in("", line) == "", line);
  }
}
