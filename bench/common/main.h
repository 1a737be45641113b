#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>

#include "tools/command_line.h"

namespace hourglass::bench {

struct BenchProgram {
  std::string name, about;
  std::string footer = "";   // of --help
  std::string speaker = "";  // who an error names; empty: the program
};

// main() of a program: `add` adds its options and gives what then runs. Returns 0, or after one
// line on standard error 2 for a user's mistake (Error) and 1 for anything else.
int run_main(const BenchProgram& program, int argc, char** argv,
             const std::function<std::function<void()>(const tools::Command&)>& add);

// "Rows:" and a line for each, its name and what it is about, for a footer.
template <class Rows>
std::string listed(const std::string& title, const Rows& rows) {
  std::size_t width = 0;
  for (const auto& row : rows) width = std::max(width, row.name.size());
  std::string text = title + ":\n";
  for (const auto& row : rows) {
    const std::string space(width - row.name.size(), ' ');
    text += "  " + std::string(row.name) + space + "  " + std::string(row.about) + "\n";
  }
  return text;
}

// Throws Error unless least <= value <= most.
void check_range(const char* name, std::int64_t value, std::int64_t least, std::int64_t most);

// Throws Error, behind `before`, unless a time to measure for is one: above 0, an hour at most.
void check_seconds(double seconds, const std::string& before = "");

}  // namespace hourglass::bench
