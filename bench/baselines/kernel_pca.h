#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::bench {

// The median of the Euclidean distances between f64 rows [N, D], each pair once: the usual width of
// a radial kernel. Throws Error for fewer than two rows.
double median_distance(const Tensor& rows);

// Kernel principal components with k(x, y) = exp(-|x - y|^2 / (2 width^2)) (Schoelkopf et al.,
// "Nonlinear component analysis as a kernel eigenvalue problem", 1998), and how far rows are from
// what they span: the squared distance, in the kernel's own space, between a row and its projection
// (Hoffmann, "Kernel PCA for novelty detection", 2007), 0 to 1 or so.
class KernelPca {
 public:
  // Of f64 rows [N, D], with a matrix [N, N]: as many components as explain that share of the
  // variance. Width: the median distance. Throws Error for fewer than two rows or another share.
  KernelPca(const Tensor& learnt_from, double share);

  std::int64_t components() const { return vectors_.shape()[0]; }
  std::vector<double> operator()(const Tensor& rows) const;

 private:
  Tensor rows_, norms_;       // f64 [N, D], [N]
  Tensor vectors_;            // f64 [k, N]: coefficients of the components, each of length 1
  Tensor means_;              // f64 [N] of the kernel's columns
  double mean_ = 0;           // of all of the kernel
  double minus_inverse_ = 0;  // -1 / (2 width^2)
};

}  // namespace hourglass::bench
