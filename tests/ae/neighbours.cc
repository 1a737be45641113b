#include "ae/measure/neighbours.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

Tensor drawn(const char* stream, Shape shape, double least = -1, double most = 1) {
  return uniform(key_of(1), stream, 0, shape, least, most, DType::kF32);
}

// Every item by its distance, in f64, by the definition.
std::vector<std::pair<double, std::int64_t>> ranked(const Tensor& query, const Tensor& items,
                                                    ae::Metric metric) {
  std::vector<std::pair<double, std::int64_t>> all;
  const std::int64_t width = items.shape()[1];
  for (std::int64_t i = 0; i < items.shape()[0]; ++i) {
    double squares = 0, dot = 0, a = 0, b = 0;
    for (std::int64_t j = 0; j < width; ++j) {
      const double x = query.at(j), y = items.at(i * width + j);
      squares += (x - y) * (x - y);
      dot += x * y;
      a += x * x;
      b += y * y;
    }
    const bool euclidean = metric == ae::Metric::kEuclidean;
    all.emplace_back(euclidean   ? std::sqrt(squares)
                     : a * b > 0 ? 1 - dot / std::sqrt(a * b)
                                 : 1,
                     i);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("the k nearest are those of all distances, among many and for many queries") {
  const Tensor items = drawn("items", {9000, 5}), queries = drawn("queries", {300, 5});
  for (const ae::Metric metric : {ae::Metric::kEuclidean, ae::Metric::kCosine}) {
    const ae::Neighbours found = ae::k_nearest(queries, items, 7, metric);
    const ae::Neighbours again = ae::NearestNeighbours(items, metric).find(queries, 7);
    CHECK(found.indices.identical(again.indices));
    CHECK(found.distances.identical(again.distances));
    for (const std::int64_t q : {0, 1, 255, 256, 299}) {
      const auto expected = ranked(queries.rows(q, q + 1), items, metric);
      for (std::int64_t i = 0; i < 7; ++i) {
        const auto& [distance, item] = expected[static_cast<std::size_t>(i)];
        CHECK(found.indices.at(q * 7 + i) == item);
        CHECK(found.distances.at(q * 7 + i) == doctest::Approx(distance).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("a copy is at distance 0, of equally near items the first comes first") {
  Tensor items = drawn("items", {5000, 33}, 1000, 1001);
  std::copy_n(items.data<float>() + 17 * 33, 33, items.data<float>() + 4200 * 33);
  for (const ae::Metric metric : {ae::Metric::kEuclidean, ae::Metric::kCosine}) {
    const ae::Neighbours found = ae::k_nearest(items.rows(4200, 4201), items, 2, metric);
    CHECK(found.indices.values() == std::vector<double>{17, 4200});
    CHECK(found.distances.values() == std::vector<double>{0, 0});
  }
}

TEST_CASE("neighbours that only f64 tells apart are found, and do not depend on threads") {
  Tensor items(Shape{400, 3}, DType::kF64);
  for (std::int64_t i = 0; i < items.elements(); ++i) {
    items.data<double>()[i] = 7 + 1e-10 * static_cast<double>(i / 3 * 37 % 400);
  }
  const Tensor query = Tensor::full({1, 3}, 7, DType::kF64);
  const auto expected = ranked(query, items, ae::Metric::kEuclidean);
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    const ae::Neighbours found = ae::k_nearest(query, items, 20);
    for (std::int64_t i = 0; i < 20; ++i) {
      CHECK(found.indices.at(i) == expected[static_cast<std::size_t>(i)].second);
    }
  }
}

TEST_CASE("very large, very small and zero rows are neighbours as others are") {
  const std::vector<float> rows = {3e30F, 0, 0, 3e30F, 2e-30F, 0, 0, 2e-30F, 0, 0, 1, 1};
  const Tensor items = Tensor::from<float>(rows, {6, 2});
  for (const ae::Metric metric : {ae::Metric::kEuclidean, ae::Metric::kCosine}) {
    for (std::int64_t q = 0; q < 6; ++q) {
      const Tensor query = items.rows(q, q + 1);
      const ae::Neighbours found = ae::k_nearest(query, items, 2, metric);
      const auto expected = ranked(query, items, metric);
      CAPTURE(q);
      CHECK(found.indices.at(0) == expected[0].second);
      CHECK(found.indices.at(1) == expected[1].second);
    }
  }
}

TEST_CASE("an angle is 0 at least, and is right where products of f32 overflow") {
  const Tensor rows = drawn("items", {200, 7});
  Tensor longer = rows.clone();
  for (std::int64_t i = 0; i < rows.elements(); ++i) longer.data<float>()[i] *= 3.7F;
  const ae::Neighbours same = ae::k_nearest(longer, rows, 1, ae::Metric::kCosine);
  for (std::int64_t i = 0; i < 200; ++i) {
    CHECK(same.indices.at(i) == i);
    CHECK(same.distances.at(i) >= 0);
    CHECK(same.distances.at(i) < 1e-7);
  }
  // The first of the second item's products is below the least number of f32.
  const Tensor query = Tensor::from<float>({2e18F, 1.5e18F, 1.5e18F}, {1, 3});
  const Tensor items = Tensor::from<float>({1, -1, 0, -2e20F, 2e20F, 2e20F}, {2, 3});
  CHECK(ae::k_nearest(query, items, 1, ae::Metric::kCosine).indices.at(0) == 1);
}

TEST_CASE("a row that is not finite is nobody's neighbour") {
  Tensor items = drawn("items", {50, 4});
  items.data<float>()[10 * 4 + 1] = std::numeric_limits<float>::quiet_NaN();
  items.data<float>()[20 * 4 + 2] = std::numeric_limits<float>::infinity();
  const ae::Neighbours found = ae::k_nearest(drawn("queries", {1, 4}), items, 50);
  CHECK(found.indices.at(48) == 10);
  CHECK(found.indices.at(49) == 20);
  CHECK(found.distances.at(47) < 10);
  CHECK(found.distances.at(48) == std::numeric_limits<double>::infinity());
}

TEST_CASE("pixels are compared as 0 to 1") {
  Tensor images(Shape{2, 1}, DType::kU8);
  images.data<std::uint8_t>()[1] = 51;
  const ae::Neighbours found = ae::k_nearest(Tensor::full({1, 1}, 0.3, DType::kF64), images, 2);
  CHECK(found.indices.values() == std::vector<double>{1, 0});
  CHECK(found.distances.at(0) == doctest::Approx(0.1));
  CHECK(found.distances.at(1) == doctest::Approx(0.3));
}

TEST_CASE("precision is the share of neighbours of the query's class") {
  const ae::Neighbours found{Tensor::from<std::int32_t>({0, 1, 2, 1, 2, -1}, {2, 3}), {}};
  const Tensor items = Tensor::from<std::int32_t>({5, 6, 5}, {3});
  const auto of = [&](std::vector<std::int32_t> labels) {
    const auto count = static_cast<std::int64_t>(labels.size());
    return ae::precision(found, Tensor::from<std::int32_t>(labels, {count}), items);
  };
  CHECK(of({5, 5}) == doctest::Approx(3 / 6.0));
  CHECK(of({6, 6}) == doctest::Approx(2 / 6.0));
  CHECK_THROWS_WITH_AS(of({5}), "precision: needs a label a query: neighbours=[2, 3], labels=[1]",
                       Error);
}

TEST_CASE("what has no neighbours is said in one line") {
  const Tensor items = drawn("items", {5, 4});
  CHECK_THROWS_WITH_AS(ae::k_nearest(drawn("queries", {7, 5}), items, 1),
                       "k_nearest: needs rows of one width: queries=[7, 5], items=[5, 4]", Error);
  for (const std::int64_t k : {0, 6}) {
    const std::string line =
        "k_nearest: k: expected 1 to 5, as many as there are items: got " + std::to_string(k);
    CHECK_THROWS_WITH_AS(ae::k_nearest(items, items, k), line.c_str(), Error);
    CHECK_THROWS_WITH_AS(ae::NearestNeighbours(items).find(items, k), line.c_str(), Error);
  }
  CHECK_THROWS_WITH_AS(ae::NearestNeighbours(Tensor(Shape{0, 4}, DType::kF32)),
                       "k_nearest: needs items [N, D]: got [0, 4]", Error);
}
