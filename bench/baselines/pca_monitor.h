#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/pca.h"
#include "tensor/tensor.h"

namespace hourglass::bench {

// How many of the components, from the largest on, together have that share of the variance; at
// least 1. Throws Error unless 0 < share <= 1.
std::int64_t components_for(const ae::Pca& pca, double share);

// A row's place within the space of the first k components and its distance from it, of rows [N]:
//   t2 = sum of y_i^2 / variance_i, i < k    (Hotelling, "Multivariate quality control", 1947)
//   q = sum of y_i^2, i >= k                 (the squared prediction error, SPE, of PCA)
// where y are the row's coordinates along the components (Jackson & Mudholkar, "Control procedures
// for residuals associated with principal component analysis", 1979). Directions of no variance
// (below 1e-12 of the largest) are left out of t2.
struct MonitorStatistics {
  std::vector<double> t2, q;
};

// Principal components of f64 rows [N, D] as a monitor of other rows.
class PcaMonitor {
 public:
  // The first `components`; Error unless there are so many.
  PcaMonitor(const Tensor& learnt_from, std::int64_t components);
  // As many as explain that share of the variance.
  static PcaMonitor explaining(const Tensor& learnt_from, double share);

  std::int64_t components() const { return components_; }
  MonitorStatistics operator()(const Tensor& rows) const;

  // What normal rows stay below with that probability. Of t2: k (n - 1)(n + 1) / (n (n - k)) times
  // the quantile of F(k, n - k). Of q: Jackson & Mudholkar's equation, a normal approximation,
  //   theta_1 (c sqrt(2 theta_2 h^2) / theta_1 + 1 + theta_2 h (h - 1) / theta_1^2)^(1 / h),
  //   theta_j = sum of variance_i^j, i >= k, h = 1 - 2 theta_1 theta_3 / (3 theta_2^2).
  double t2_limit(double probability) const;
  double q_limit(double probability) const;

 private:
  PcaMonitor(ae::Pca pca, std::int64_t rows, std::int64_t components);

  ae::Pca pca_;
  std::int64_t rows_, components_;
};

// The number below which a variable of the F distribution lies with that probability, 0 < p < 1.
double f_quantile(double p, double numerator, double denominator);

}  // namespace hourglass::bench
