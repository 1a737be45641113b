#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::ae {

// What the codes [N, H] of N images look like. In f64. Throws Error for another rank and for no row.
struct CodeStatistics {
  std::vector<double> means, variances;  // of each unit over the images
  // Units whose code varies over the images with a variance above 0.01 (Burda et al., "Importance
  // weighted autoencoders", 2016, of the posterior's mean), and units that give one and the same
  // number for every image, such as a ReLU that is never above 0.
  std::int64_t active_units = 0, dead_units = 0;
  double zeros = 0;  // the part of all codes that is 0
  // Hoyer, "Non-negative matrix factorization with sparseness constraints", 2004, of each image's
  // code, averaged: (sqrt(H) - L1 / L2) / (sqrt(H) - 1). 0: all units alike; 1: one unit alone. A
  // code of zeros counts as 0, and so does H = 1.
  double sparseness = 0;
};
CodeStatistics code_statistics(const Tensor& codes);

// The mean over images of KL(N(mean, exp(log_variance)) || N(0, 1)) of each dimension, in nats:
// means and log variances [N, H] -> H numbers, whose sum is the KL term of an image. Throws Error
// unless both are of one such shape.
std::vector<double> kl_per_dimension(const Tensor& means, const Tensor& log_variances);

// How examples use a codebook of so many entries: of indices (i32, any shape) the share of each
// entry, how many have one, and the perplexity exp(-sum p log p): so many entries, all used alike,
// would be as hard to guess. Throws Error where there is no index, or one is no entry's.
struct CodebookUse {
  std::vector<double> shares;
  std::int64_t used = 0;
  double perplexity = 0;
};
CodebookUse codebook_use(const Tensor& indices, std::int64_t entries);

// How strongly each unit fires for each class: means of codes [N, H] by label (i32 [N], from 0 to
// classes - 1) -> f64 [classes, H]; a class without images gets zeros. Throws Error unless there is
// one label a code, in that range.
Tensor class_means(const Tensor& codes, const Tensor& labels, std::int64_t classes);

}  // namespace hourglass::ae
