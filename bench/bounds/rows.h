#pragma once

#include <functional>
#include <string>
#include <vector>

namespace hourglass::bench {

// One measurement of ours, and where there is one of the limit that it is held against, made in
// turn in this process: `ratio` is ours over the limit, pair by pair.
struct Row {
  std::string name, unit = "";
  std::vector<double> ours = {}, limit = {};
  std::string missing = "";  // what this build had to be without: nothing was measured
};

using MakeRow = Row (*)(const std::string& name, int threads, double seconds);

// ns an element of a lane function or of normal noise, over 1e5 elements of f32 that stay in cache.
Row lane_row(const std::string& name, int threads, double seconds);

// ms of a product in f64, and of a gradient checked against differences, all of its elements.
Row product_f64_row(const std::string& name, int threads, double seconds);
Row gradcheck_row(const std::string& name, int threads, double seconds);

// ms of a product, 512 x 1000 x 784, or convolution of ours against Eigen's or oneDNN's.
Row eigen_row(const std::string& name, int threads, double seconds);
Row onednn_row(const std::string& name, int threads, double seconds);

// Pairs of medians of a few calls for so long, in `unit`s, of which a second has so many. Ahead of ours
// there is a pause: the other's threads go on asking for work for a while.
Row paired_medians(const std::string& name, const std::string& unit, double in_a_second,
                   double seconds, const std::function<void()>& ours,
                   const std::function<void()>& limit);

// ms of a training step of W2b512 against nothing but OpenBLAS's products of its shapes and one
// pass of Adam by hand over its weights.
Row products_row(const std::string& name, int threads, double seconds);

// ms of a training step of W1 against dlib's.
Row dlib_row(const std::string& name, int threads, double seconds);

// ms of a layer's product and its weight's gradient, of 512 rows of 1 % of 20,000 columns to 256
// units: sparse against dense.
Row sparse_row(const std::string& name, int threads, double seconds);

// us of one fused loop against the loop by hand over the same arrays, of a few placements of these
// the one where the loop by hand is the fastest.
Row loop_row(const std::string& name, int threads, double seconds);

}  // namespace hourglass::bench
