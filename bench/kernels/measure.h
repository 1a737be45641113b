#pragma once

#include <string>
#include <vector>

#include "bench/kernels/families.h"
#include "bench/kernels/machine.h"

namespace hourglass::bench {

// What a row took, one figure a repetition, and of the best ceilings that were taken right after
// these: one that something else disturbed says nothing.
struct Figures {
  std::string name;
  DType dtype = DType::kF32;
  int threads = 1;
  Work work;
  std::vector<double> seconds;  // a call
  std::vector<double> shares;   // the seconds that the ceiling allows over those it took
  bool by_arithmetic = false;   // what binds: multiply-adds, else the bandwidth
};

// Makes the row's data and times it `repetitions` times, for `seconds` in all or a call each.
Figures measure(const Machine& machine, const Row& row, double seconds, int repetitions);

}  // namespace hourglass::bench
