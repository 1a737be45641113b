#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

namespace hourglass::bench {

struct BenchProgram {
  std::string name, about;
  std::string speaker = "";  // who an error names; empty: the program
  std::string errors = "";   // what goes ahead of an error in the command line
};

// main() of a program: `add` adds its options and gives what then runs. Returns 0, or after one
// line on standard error 2 for a user's mistake (Error) and 1 for anything else.
int run_main(const BenchProgram& program, int argc, char** argv,
             const std::function<std::function<void()>(CLI::App&)>& add);

// Throws Error, behind `before`, unless a time to measure for is one: above 0, an hour at most.
void check_seconds(double seconds, const std::string& before = "");

}  // namespace hourglass::bench
