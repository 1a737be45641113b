#include "bench/baselines/filters.h"

#include <doctest/doctest.h>

#include <cmath>

using namespace hourglass;
using namespace hourglass::bench;

namespace {

// 0 but for one pixel of 1, in the middle of 5 by 5.
Tensor spot() {
  Tensor image(Shape{1, 5, 5}, DType::kF32);
  image.data<float>()[12] = 1;
  return image;
}

}  // namespace

TEST_CASE("a median takes a lone pixel away, and leaves an edge and a border as they are") {
  for (const double x : median_filtered(spot(), 3).values()) CHECK(x == 0);
  Tensor edge(Shape{1, 4, 4}, DType::kF32);
  for (std::int64_t i = 0; i < 16; ++i) edge.data<float>()[i] = i % 4 >= 2 ? 1 : 0;
  CHECK(median_filtered(edge, 3).values() == edge.values());
}

TEST_CASE("a Gaussian filter spreads a pixel by its weights") {
  const double deviation = 0.6;  // two pixels far
  double weights = 0;
  for (int y = -2; y <= 2; ++y) {
    for (int x = -2; x <= 2; ++x) weights += std::exp(-(x * x + y * y) / (2 * 0.36));
  }
  const Tensor y = gaussian_filtered(spot(), deviation);
  CHECK(y.at(12) == doctest::Approx(1 / weights));
  CHECK(y.at(13) == doctest::Approx(std::exp(-1 / 0.72) / weights));
  CHECK(y.at(7) == doctest::Approx(y.at(13)));
  for (const double x : gaussian_filtered(Tensor::full({2, 4, 4}, 0.5), 1).values()) {
    CHECK(x == doctest::Approx(0.5));  // a border is not darker
  }
}

TEST_CASE("non-local means weighs pixels by how alike what is around them is") {
  for (const double x : non_local_means(Tensor::full({1, 6, 6}, 0.25), 0.1).values()) {
    CHECK(x == doctest::Approx(0.25));
  }
  Tensor two(Shape{1, 1, 2}, DType::kF32);
  two.data<float>()[1] = 1;
  const Tensor y = non_local_means(two, 1);
  CHECK(y.at(0) < 0.5);
  CHECK(y.at(0) + y.at(1) == doctest::Approx(1));
  // All weigh alike: of the eleven columns around the first pixel five show the second.
  CHECK(non_local_means(two, 1e3).at(0) == doctest::Approx(5.0 / 11));
  CHECK(non_local_means(two.reshape({1, 2, 1}), 1e3).at(0) == doctest::Approx(5.0 / 11));
}
