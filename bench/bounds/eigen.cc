// Our product against Eigen's, which is compiled for the machine that builds it.

#include <omp.h>

#include <Eigen/Core>

#include "bench/bounds/rows.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {

Row eigen_row(const std::string& name, int threads, double seconds) {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  constexpr std::int64_t kM = 512, kN = 1000, kK = 784;
  const Tensor a = uniform(key_of(5), "a", 0, Shape{kM, kK}, -1, 1);
  const Tensor b = uniform(key_of(5), "b", 0, Shape{kN, kK}, -1, 1);
  Tensor c(Shape{kM, kN}, DType::kF32), d(Shape{kM, kN}, DType::kF32);
  const Eigen::Map<const Matrix> x(a.data<float>(), kM, kK), y(b.data<float>(), kN, kK);
  Eigen::Map<Matrix> z(d.data<float>(), kM, kN);
  Eigen::setNbThreads(threads);
  const kernels::Gemm shape{.m = kM, .n = kN, .k = kK, .transpose_b = true};
  return paired_medians(
      name, "ms", 1e3, seconds,
      [&] { kernels::gemm(DType::kF32, shape, a.raw(), b.raw(), c.raw()); },
      [&] { z.noalias() = x * y.transpose(); });
}

}  // namespace hourglass::bench
