#include "tensor/kernels/gemm/blas.h"

#include <cblas.h>
#include <dlfcn.h>
#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <sstream>
#include <string>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/kernels/gemm/product.h"

// Null where the library that was loaded is no OpenBLAS, instead of an error of the loader's.
#pragma weak openblas_get_config
#pragma weak openblas_get_corename
#pragma weak openblas_get_parallel
#pragma weak openblas_set_num_threads

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

template <class Function>
std::string file_of(Function* function) {
  Dl_info info;
  const bool found = dladdr(reinterpret_cast<void*>(function), &info) != 0 && info.dli_fname;
  return found ? info.dli_fname : "an unknown file";
}

// What was loaded instead of OpenBLAS, which another library may pretend to be or stand before
// (LD_PRELOAD, LD_LIBRARY_PATH); empty if it is OpenBLAS.
std::string find_other_blas() {
  const auto describe = [](const char* name, const std::string& file) {
    return fmt::format("{} of {}", name, file);
  };
  if (!openblas_get_config || !openblas_get_corename || !openblas_get_parallel ||
      !openblas_set_num_threads) {
    return describe("cblas_sgemm", file_of(&cblas_sgemm));
  }
  const std::string file = file_of(openblas_get_config);
  if (file_of(&cblas_sgemm) != file) return describe("cblas_sgemm", file_of(&cblas_sgemm));
  if (file_of(&cblas_dgemm) != file) return describe("cblas_dgemm", file_of(&cblas_dgemm));
  const bool wide = std::string(openblas_get_config()).find("USE64BITINT") != std::string::npos;
  return wide ? describe("a build with 64-bit integers", file) : "";
}

const std::string& other_blas() {
  static const std::string other = find_other_blas();
  return other;
}

}  // namespace

SingleThreadBlas::SingleThreadBlas() {
  if (!other_blas().empty()) {
    throw Error(
        fmt::format("blas: expected OpenBLAS with 32-bit integers: found {}", other_blas()));
  }
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
  if (!internal::other_blas().empty()) return "not OpenBLAS but " + internal::other_blas();
  std::istringstream config(
      openblas_get_config());  // "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ..."
  std::string name, version;
  config >> name >> version;
  const char* const builds[] = {"serial", "pthread", "openmp"};
  return fmt::format("{} {}, {}, {} build", name, version, openblas_get_corename(),
                     builds[std::clamp(openblas_get_parallel(), 0, 2)]);
}

}  // namespace hourglass::kernels
