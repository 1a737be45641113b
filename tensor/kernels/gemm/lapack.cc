#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/kernels/gemm/blas.h"

// LAPACK's own (Fortran) symbols, which OpenBLAS carries. The last arguments are the hidden lengths
// of the strings.
extern "C" {
void dsyevd_(const char* jobz, const char* uplo, const int* n, double* a, const int* lda, double* w,
             double* work, const int* lwork, int* iwork, const int* liwork, int* info,
             std::size_t jobz_length, std::size_t uplo_length);
void dgesdd_(const char* jobz, const int* m, const int* n, double* a, const int* lda, double* s,
             double* u, const int* ldu, double* vt, const int* ldvt, double* work, const int* lwork,
             int* iwork, int* info, std::size_t jobz_length);
}

namespace hourglass::kernels {
namespace {

// LAPACK counts in 32 bits, and dsyevd's workspace of 2 n^2 numbers is the first to pass them.
constexpr std::int64_t kMaxOrder = 32000;

void check_matrix(const char* who, std::int64_t m, std::int64_t n, const double* matrix) {
  if (std::max(m, n) > kMaxOrder) {
    throw Error(fmt::format("{}: the matrix is too large for LAPACK: [{}, {}]: more than {}", who,
                            m, n, kMaxOrder));
  }
  const double* const end = matrix + m * n;
  const double* const bad =
      std::find_if_not(matrix, end, [](double x) { return std::isfinite(x); });
  if (bad != end) {
    throw Error(
        fmt::format("{}: the matrix holds a number that is not finite: row {}, column {}: {}", who,
                    (bad - matrix) / n, (bad - matrix) % n, *bad));
  }
}

void check_info(const char* who, const char* routine, int info) {
  if (info != 0) throw Error(fmt::format("{}: {} did not converge: info {}", who, routine, info));
}

// An eigenvector is known up to its sign: the largest component, the first of equals, is positive.
void fix_sign(double* vector, std::int64_t n) {
  const double* largest = std::max_element(
      vector, vector + n, [](double a, double b) { return std::abs(a) < std::abs(b); });
  if (*largest >= 0) return;
  std::transform(vector, vector + n, vector, [](double x) { return -x; });
}

}  // namespace

void symmetric_eigen(std::int64_t n, const double* matrix, double* values, double* vectors) {
  if (n == 0) return;
  check_matrix("symmetric_eigen", n, n, matrix);
  std::copy_n(matrix, n * n, vectors);
  const int order = static_cast<int>(n), ask = -1;
  int info = 0, iwork_size = 0;
  double work_size = 0;
  const internal::SingleThreadBlas single_thread;
  // Column-major column i, LAPACK's eigenvector, is row-major row i; "L" there is the upper
  // triangle here.
  const auto solve = [&](double* work, const int* lwork, int* iwork, const int* liwork) {
    dsyevd_("V", "L", &order, vectors, &order, values, work, lwork, iwork, liwork, &info, 1, 1);
    check_info("symmetric_eigen", "dsyevd", info);
  };
  solve(&work_size, &ask, &iwork_size, &ask);
  const int lwork = static_cast<int>(work_size);
  std::vector<double> work(static_cast<std::size_t>(lwork));
  std::vector<int> iwork(static_cast<std::size_t>(iwork_size));
  solve(work.data(), &lwork, iwork.data(), &iwork_size);
  for (std::int64_t i = 0; i < n; ++i) fix_sign(vectors + i * n, n);
}

void singular_values(std::int64_t m, std::int64_t n, const double* matrix, double* values) {
  if (m == 0 || n == 0) return;
  check_matrix("singular_values", m, n, matrix);
  // Row-major [m, n] is the column-major transpose, whose singular values are the same.
  std::vector<double> copy(matrix, matrix + m * n);
  std::vector<int> iwork(static_cast<std::size_t>(8 * std::min(m, n)));
  const int rows = static_cast<int>(n), columns = static_cast<int>(m), one = 1, ask = -1;
  int info = 0;
  double none = 0, work_size = 0;
  const internal::SingleThreadBlas single_thread;
  const auto solve = [&](double* work, const int* lwork) {
    dgesdd_("N", &rows, &columns, copy.data(), &rows, values, &none, &one, &none, &one, work, lwork,
            iwork.data(), &info, 1);
    check_info("singular_values", "dgesdd", info);
  };
  solve(&work_size, &ask);
  const int lwork = static_cast<int>(work_size);
  std::vector<double> work(static_cast<std::size_t>(lwork));
  solve(work.data(), &lwork);
}

}  // namespace hourglass::kernels
