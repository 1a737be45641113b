#pragma once

// Random expression graphs, checked in f64: gradients against central differences, compiled
// programs (outputs and updated parameters) and simplified graphs against the reference
// interpreter.

#include <cstdint>
#include <string>
#include <vector>

namespace hourglass::check {

struct FuzzReport {
  int graphs = 0;
  double worst_gradient = 0;  // |a - n| / max(1, |a|, |n|), smooth graphs
  double worst_compiled = 0;  // the same against the reference interpreter
  double worst_simplified = 0;
  std::vector<std::string> failures;  // each a shrunken graph that shows the failure, with its seed
};

// Graphs of 5 to 60 ops with the seeds first .. first + count - 1. Every other one is smooth and is
// checked against differences of two step sizes; the others use every op. A graph is a function of
// its seed alone. Stops after `most_failures`.
FuzzReport fuzz(std::uint64_t first, int count, int most_failures = 3);

std::string to_text(const FuzzReport& report);  // a line, then the failures

// The names of the ops that the graphs of these seeds and their gradients hold.
std::vector<std::string> fuzzed_ops(std::uint64_t first, int count);

}  // namespace hourglass::check
