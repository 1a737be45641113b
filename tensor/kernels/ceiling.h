#pragma once

#include <cstdint>

#include "tensor/dtype.h"

namespace hourglass::kernels::internal {

// What the CPU can do at most on the SIMD target in use, for benchmarks to hold kernels against.
// All run on the calling thread.

// Multiply-adds of registers only, f32 or f64: independent ones, enough to hide their latency.
struct Burst {
  double operations = 0;  // two a multiply-add
  double sum = 0;         // of what was computed, so that none of it can be left out
};
Burst multiply_add_burst(DType dtype, std::int64_t rounds);

// y[i] = x[i] and y[i] = x[i] + scale z[i], by plain vector loads and stores.
void stream_copy(const float* x, float* y, std::int64_t n);
void stream_triad(const float* x, const float* z, float scale, float* y, std::int64_t n);

}  // namespace hourglass::kernels::internal
