#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tensor/dtype.h"

namespace hourglass::bench {

// A level of memory, and a working set that fits into it but not into the one before.
struct Level {
  std::string name;
  std::int64_t bytes = 0;
};

// What this machine can do at most: the ceilings that rows are shares of.
class Machine {
 public:
  Machine();       // knows the caches and the cores
  void measure();  // and what they reach, a few seconds

  const std::vector<Level>& levels() const { return levels_; }  // L1, L2, L3 (if any), memory
  const std::vector<int>& threads() const { return threads_; }  // 1, 2, 4, ... up to all cores

  double flops(DType dtype, int threads) const;  // multiply-adds a second, times two
  // Bytes a second, read and written: the better of copy and triad over a working set that all the
  // threads share out among them.
  double bandwidth(std::size_t level, int threads) const;
  std::string text() const;  // a table

 private:
  struct Ceiling {
    double f32 = 0, f64 = 0;
    std::vector<double> copy, triad;  // one a level
  };
  const Ceiling& ceiling(int threads) const;

  std::vector<Level> levels_;
  std::vector<int> threads_;
  std::vector<Ceiling> ceilings_;  // one a count of threads
};

}  // namespace hourglass::bench
