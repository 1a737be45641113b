#pragma once

#include <cstdint>

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// One product on the calling thread, whatever computes it: c [m, n] = op(a) op(b), added to what c
// holds if `accumulate`. Row-major; a leading dimension is the distance in elements between stored
// rows. f32 and f64.
struct Product {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  std::int64_t lda = 0, ldb = 0, ldc = 0;
  bool accumulate = false;
  bool portable = false;  // by tiles wherever there is FMA: see PortableBits
};

// A sum of more products than this loses what is small beside it: our tiles cut it into panels, and
// each panel's is added as a whole.
constexpr std::int64_t kLongSum = 4096;

// A dense column is a row: c^T = op(b)^T op(a)^T, with the same products and sums.
inline bool is_column(const Product& p) { return p.n == 1 && p.m > 1 && p.ldc == 1; }
inline Product transposed(const Product& p) {
  Product t = p;
  t.m = p.n;
  t.n = p.m;
  t.transpose_a = !p.transpose_b;
  t.transpose_b = !p.transpose_a;
  t.lda = p.ldb;
  t.ldb = p.lda;
  t.ldc = p.m;
  return t;
}

// Who computes it: by sizes, CPU target and `portable` alone.
GemmRoute route_of(const Product& product);

template <class T>
void multiply(const Product& product, const T* a, const T* b, T* c);

// By our own tiles: every element is fma(a, b, sum) in order of k, from 0 or from what c holds, on
// every target with FMA, whatever the blocking. Any sizes.
template <class T>
void multiply_by_tiles(const Product& product, const T* a, const T* b, T* c,
                       const GemmBlocking& blocking = gemm_blocking());

std::int64_t tile_lanes();  // f32 numbers in a vector of the target at hand; 1 for the baseline

// By OpenBLAS on this thread alone. Sizes are at most 2^31 - 1.
template <class T>
void multiply_by_blas(const Product& product, const T* a, const T* b, T* c);

}  // namespace hourglass::kernels::internal
