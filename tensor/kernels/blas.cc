#include "tensor/kernels/blas.h"

#include <cblas.h>
#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "tensor/kernels.h"
#include "tensor/kernels/product.h"

namespace hourglass::kernels {
namespace internal {
namespace {

void call_gemm(const Product& p, const float* a, const float* b, float beta, float* c) {
  cblas_sgemm(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans,
              p.transpose_b ? CblasTrans : CblasNoTrans, static_cast<int>(p.m),
              static_cast<int>(p.n), static_cast<int>(p.k), 1.0F, a, static_cast<int>(p.lda), b,
              static_cast<int>(p.ldb), beta, c, static_cast<int>(p.ldc));
}

void call_gemm(const Product& p, const double* a, const double* b, double beta, double* c) {
  cblas_dgemm(CblasRowMajor, p.transpose_a ? CblasTrans : CblasNoTrans,
              p.transpose_b ? CblasTrans : CblasNoTrans, static_cast<int>(p.m),
              static_cast<int>(p.n), static_cast<int>(p.k), 1.0, a, static_cast<int>(p.lda), b,
              static_cast<int>(p.ldb), beta, c, static_cast<int>(p.ldc));
}

}  // namespace

SingleThreadBlas::SingleThreadBlas() {
  static const int build = openblas_get_parallel();
  if (build == OPENBLAS_THREAD) {
    static const bool once = (openblas_set_num_threads(1), true);
    static_cast<void>(once);
  } else if (build == OPENBLAS_OPENMP && !omp_in_parallel()) {
    // This build asks OpenMP how many threads a new region would get, also inside a team of one.
    before_ = omp_get_max_threads();
    if (before_ > 1) omp_set_num_threads(1);
  }
}

SingleThreadBlas::~SingleThreadBlas() {
  if (before_ > 1) omp_set_num_threads(before_);
}

template <class T>
void multiply_by_blas(const Product& product, const T* a, const T* b, T* c) {
  if (product.m == 0 || product.n == 0) return;
  if (product.k == 0) {
    if (product.accumulate) return;
    for (std::int64_t i = 0; i < product.m; ++i) {
      std::fill_n(c + i * product.ldc, product.n, T{0});
    }
    return;
  }
  const SingleThreadBlas single_thread;
  call_gemm(product, a, b, product.accumulate ? T{1} : T{0}, c);
}

template void multiply_by_blas<float>(const Product&, const float*, const float*, float*);
template void multiply_by_blas<double>(const Product&, const double*, const double*, double*);

}  // namespace internal

std::string blas_description() {
  std::istringstream config(
      openblas_get_config());  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  std::string name, version;
  config >> name >> version;
  const char* const builds[] = {"serial", "pthread", "openmp"};
  return fmt::format("{} {}, {}, {} build", name, version, openblas_get_corename(),
                     builds[std::clamp(openblas_get_parallel(), 0, 2)]);
}

}  // namespace hourglass::kernels
