#pragma once

#include <cstdint>

namespace hourglass::kernels::internal {

// While it lives, BLAS and LAPACK calls of this thread run on this thread alone, under either build
// of OpenBLAS. The pthread build is told so once, for the whole process.
class SingleThreadBlas {
 public:
  SingleThreadBlas();
  ~SingleThreadBlas();
  SingleThreadBlas(const SingleThreadBlas&) = delete;
  SingleThreadBlas& operator=(const SingleThreadBlas&) = delete;

 private:
  int before_ = 0;  // the thread count to put back; 0: nothing was changed
};

// One product on the calling thread, whatever computes it: c [m, n] = op(a) op(b), added to what c
// holds if `accumulate`. Row-major; a leading dimension is the distance in elements between stored
// rows. f32 and f64. Throws Error where m, n or a leading dimension passes 2^31 - 1.
struct Product {
  std::int64_t m = 0, n = 0, k = 0;
  bool transpose_a = false, transpose_b = false;
  std::int64_t lda = 0, ldb = 0, ldc = 0;
  bool accumulate = false;
};
template <class T>
void multiply(const Product& product, const T* a, const T* b, T* c);

}  // namespace hourglass::kernels::internal
