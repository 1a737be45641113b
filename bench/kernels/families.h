#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/kernels/machine.h"
#include "tensor/dtype.h"

namespace hourglass::bench {

// What one call of a row does. Its ceiling is whichever binds: the bandwidth of `level`, or the
// arithmetic of the units of multiply-adds.
struct Work {
  double bytes = 0;       // read and written at least
  double operations = 0;  // + and *; 0 where they are not what one counts (tanh)
  // Multiply-adds, products, quotients and roots, of one number each. Sums, maxima, signs, choices
  // and most of what integers need run beside them on some CPUs: left out, so that none exceeds its
  // ceiling and few reach it.
  double instructions = 0;
  double elements = 0;    // that a time is divided by; 0: it is not
  std::size_t level = 0;  // where the working set lies
};

// A row: `make` sets up the data when the row runs and returns the call that is timed.
using Call = std::function<void()>;
struct Row {
  std::string name;
  DType dtype = DType::kF32;
  int threads = 1;
  Work work;
  std::function<Call()> make;
};
using Rows = std::vector<Row>;

// The smallest level that a working set fits into.
std::size_t level_of(const Machine& machine, double bytes);

// For each dtype, level and count of threads, as "NAME/f32/L2/1 thread": f(row name, dtype, level,
// threads, elements), where `arrays` of so many elements make up the working set of the level.
using AtSize = std::function<void(const std::string& row, DType dtype, std::size_t level,
                                  int threads, std::int64_t elements)>;
void at_all_sizes(const Machine& machine, const std::string& name, int arrays, const AtSize& f);

// One file a family.
void add_lanes(Rows& rows, const Machine& machine);
void add_reductions(Rows& rows, const Machine& machine);
void add_random(Rows& rows, const Machine& machine);
void add_gemm(Rows& rows, const Machine& machine);
void add_loops(Rows& rows, const Machine& machine);

}  // namespace hourglass::bench
