#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/tensor.h"

namespace hourglass::bench {

// A level of memory, and a working set that fits into it but not into the one before.
struct Level {
  std::string name;
  std::int64_t bytes = 0;
};

// Something that the machine does at its best, over and over: a ceiling, taken at any moment.
class Probe {
 public:
  // body(thread, repeats) on each thread at once, where a repeat of all does `work`.
  using Body = std::function<void(std::int64_t thread, std::int64_t repeats)>;
  Probe(int threads, double work, Body body);

  double now() const;                    // work a second, over some two milliseconds or one repeat
  double best() const { return best_; }  // of a few of these when it was made

 private:
  int threads_;
  double work_;
  Body body_;
  std::int64_t repeats_ = 1;
  double best_ = 0;
};

// What this machine can do at most: the ceilings that rows are shares of.
class Machine {
 public:
  Machine();       // knows the caches and the cores
  void measure();  // and what they reach, a few seconds

  const std::vector<Level>& levels() const { return levels_; }  // L1, L2, L3 (if any), memory
  const std::vector<int>& threads() const { return threads_; }  // 1, 2, 4, ... up to all cores

  // Multiply-adds a second, times two.
  const Probe& arithmetic(DType dtype, int threads) const;
  double flops(DType dtype, int threads) const { return arithmetic(dtype, threads).best(); }
  // Bytes a second, read and written: the better of copy and triad over a working set that all the
  // threads share out among them.
  const Probe& stream(std::size_t level, int threads) const;
  double bandwidth(std::size_t level, int threads) const { return stream(level, threads).best(); }
  std::string text() const;  // a table

 private:
  struct Ceiling {
    Probe f32, f64;
    std::vector<Probe> copy, triad;  // one a level
  };
  const Ceiling& ceiling(int threads) const;

  std::vector<Level> levels_;
  std::vector<int> threads_;
  std::vector<Ceiling> ceilings_;  // one a count of threads
};

}  // namespace hourglass::bench
