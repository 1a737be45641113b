#include "tensor/kernels/product.h"

#include <algorithm>
#include <limits>

namespace hourglass::kernels {
namespace {

thread_local bool portable = false;

// OpenBLAS counts in 32 bits.
bool fits_blas(const internal::Product& p) {
  return std::max({p.m, p.n, p.k, p.lda, p.ldb, p.ldc}) <= std::numeric_limits<int>::max();
}

}  // namespace

PortableBits::PortableBits(bool on) : before_(portable) { portable = on; }

PortableBits::~PortableBits() { portable = before_; }

bool portable_bits() { return portable; }

// OpenBLAS serves where it is known to be ahead: on CPUs without FMA, where our tiles are one lane
// wide.
GemmRoute internal::route_of(DType, const Product& p) {
  if (p.portable || !fits_blas(p)) return GemmRoute::kTiles;
  if (tile_lanes() == 1) return GemmRoute::kOpenBlas;
  return GemmRoute::kTiles;
}

template <class T>
void internal::multiply(const Product& product, const T* a, const T* b, T* c) {
  if (route_of(dtype_of<T>(), product) == GemmRoute::kTiles) {
    multiply_by_tiles(product, a, b, c);
  } else {
    multiply_by_blas(product, a, b, c);
  }
}

template void internal::multiply<float>(const Product&, const float*, const float*, float*);
template void internal::multiply<double>(const Product&, const double*, const double*, double*);

}  // namespace hourglass::kernels
