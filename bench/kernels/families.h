#pragma once

#include <cstdint>
#include <functional>
#include <regex>
#include <string>

#include "bench/kernels/machine.h"
#include "tensor/dtype.h"

namespace hourglass::bench {

// What one call of a row does. Without operations its ceiling is the bandwidth of `level`, with
// them whichever binds, multiply-adds or bandwidth.
struct Work {
  double bytes = 0;       // read and written at least
  double operations = 0;  // + and *; 0 where they are not what one counts (tanh)
  std::size_t level = 0;  // where the working set lies
};

// Adds the row `name`: `make` sets up the data when the row runs and returns the call that is
// timed. Its counters: GB/s, GFLOP/s, and the share of the ceiling. The machine is measured before
// rows run, and outlives them.
using Call = std::function<void()>;
void add_row(const Machine& machine, const std::string& name, DType dtype, int threads,
             const Work& work, std::function<Call()> make);

// Hands the rows whose names the filter finds something in to Google Benchmark: how many.
std::size_t choose_rows(const std::regex& filter);

// The smallest level that a working set fits into.
std::size_t level_of(const Machine& machine, double bytes);

// For each dtype, level and count of threads, as "NAME/f32/L2/1 thread": f(row name, dtype, level,
// threads, elements), where `arrays` of so many elements make up the working set of the level.
using AtSize = std::function<void(const std::string& row, DType dtype, std::size_t level,
                                  int threads, std::int64_t elements)>;
void at_all_sizes(const Machine& machine, const std::string& name, int arrays, const AtSize& f);

// One file a family.
void add_lanes(const Machine& machine);
void add_reductions(const Machine& machine);
void add_random(const Machine& machine);
void add_gemm(const Machine& machine);
void add_loops(const Machine& machine);

}  // namespace hourglass::bench
