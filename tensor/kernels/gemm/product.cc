#include "tensor/kernels/gemm/product.h"

#include <algorithm>
#include <limits>

namespace hourglass::kernels {
namespace {

thread_local bool portable = true;

// OpenBLAS counts in 32 bits.
bool fits_blas(const internal::Product& p) {
  return std::max({p.m, p.n, p.k, p.lda, p.ldb, p.ldc}) <= std::numeric_limits<int>::max();
}

}  // namespace

PortableBits::PortableBits(bool on) : before_(portable) { portable = on; }

PortableBits::~PortableBits() { portable = before_; }

bool portable_bits() { return portable; }

// Measured on Zen 4 against OpenBLAS 0.3.21, AVX2 and AVX-512, f32: the tiles take 0.66 to 1.05 of
// its time at the shapes of layers of 16 columns and more. They fall behind where columns are so
// few that vectors run half empty, and where one row meets a transposed matrix, which is then moved
// for a single use. Our baseline is one lane wide.
GemmRoute internal::route_of(const Product& p) {
  constexpr std::int64_t kFewColumns = 8;
  if (!fits_blas(p)) return GemmRoute::kTiles;
  if (tile_lanes() == 1) return GemmRoute::kOpenBlas;
  if (p.portable) return GemmRoute::kTiles;
  const bool narrow = p.n <= kFewColumns && p.m > p.n;
  const bool row_of_dots = p.m == 1 && p.transpose_b;
  return narrow || row_of_dots ? GemmRoute::kOpenBlas : GemmRoute::kTiles;
}

template <class T>
void internal::multiply(const Product& product, const T* a, const T* b, T* c) {
  if (route_of(product) == GemmRoute::kTiles) {
    multiply_by_tiles(product, a, b, c);
  } else {
    multiply_by_blas(product, a, b, c);
  }
}

template void internal::multiply<float>(const Product&, const float*, const float*, float*);
template void internal::multiply<double>(const Product&, const double*, const double*, double*);

}  // namespace hourglass::kernels
