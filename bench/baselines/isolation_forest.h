#pragma once

#include <cstdint>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass::bench {

struct IsolationForestOptions {
  int trees = 100;
  std::int64_t samples = 256;  // a tree; all rows where there are fewer
  std::uint64_t seed = 0;
};

// How few random cuts set a row apart (Liu, Ting & Zhou, "Isolation forest", 2008): each tree cuts a
// sample of the rows at a uniform place of a random column that is not constant in them, again and
// again, down to single rows or ceil(log2 samples) cuts. The score of x is, by their equation 2,
// 2^(-E h(x) / c(samples)): near 1 for outliers, below 1/2 for what is deep among others.
class IsolationForest {
 public:
  // Of f64 rows [N, D]. Throws Error for fewer than two rows.
  explicit IsolationForest(const Tensor& learnt_from, const IsolationForestOptions& options = {});
  std::vector<double> operator()(const Tensor& rows) const;

 private:
  struct Node {
    std::int64_t column = -1;  // -1: a leaf
    double cut = 0;            // up to it to `low`, else to the node after that
    std::size_t low = 0;
    double depth = 0;  // of a leaf: cuts above it, and c() of the rows that are left in it
  };
  using Tree = std::vector<Node>;

  static Tree grow(const Tensor& rows, std::vector<std::int32_t> ids, const Tensor& draws);

  std::vector<Tree> trees_;
  double usual_ = 1;  // c(samples)
};

// c(n) = 2 H(n - 1) - 2 (n - 1) / n: the mean depth of an unsuccessful search in a binary search
// tree of n (their equation 1); 0 of one.
double mean_path_length(std::int64_t n);

}  // namespace hourglass::bench
