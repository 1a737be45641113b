#include "nn/data/digits.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <set>
#include <vector>

#include "tensor/error.h"
#include "tensor/parallel.h"

using hourglass::Error;
using hourglass::Shape;
using hourglass::Tensor;
using hourglass::ThreadScope;
using hourglass::nn::DataSet;
using hourglass::nn::digits;

namespace {

constexpr std::size_t kPixels = 28 * 28;

// FNV-1a, 64 bits.
std::uint64_t hash_of(const Tensor& t) {
  const auto* bytes = static_cast<const unsigned char*>(t.raw());
  std::uint64_t hash = 14695981039346656037U;
  for (std::size_t i = 0; i < t.bytes(); ++i) hash = (hash ^ bytes[i]) * 1099511628211U;
  return hash;
}

using Mean = std::array<double, kPixels>;

// The mean image of each class.
std::vector<Mean> class_means(const DataSet& data) {
  std::vector<Mean> means(10, Mean{});
  const std::uint8_t* x = data.examples.tensor().data<std::uint8_t>();
  for (std::int64_t i = 0; i < data.count(); ++i) {
    Mean& mean = means[static_cast<std::size_t>(data.labels.at(i))];
    for (double& m : mean) m += *x++ / (0.1 * static_cast<double>(data.count()));
  }
  return means;
}

double squared_distance(const std::uint8_t* x, const Mean& mean) {
  double sum = 0;
  for (std::size_t i = 0; i < kPixels; ++i) sum += (x[i] - mean[i]) * (x[i] - mean[i]);
  return sum;
}

}  // namespace

TEST_CASE("built-in digits are images of 28 by 28 bytes with a class each") {
  const DataSet data = digits(23, 1);
  CHECK(data.examples.shape() == Shape{23, 1, 28, 28});
  CHECK(data.examples.dtype() == hourglass::DType::kU8);
  CHECK(data.labels.shape() == Shape{23});
  CHECK(data.labels.dtype() == hourglass::DType::kI32);
}

TEST_CASE("the same seed draws the same digits on any number of threads and any machine") {
  const ThreadScope one(1);
  const DataSet data = digits(200, 42);
  for (int threads : {2, 5}) {
    const ThreadScope scope(threads);
    CHECK(digits(200, 42).examples.tensor().identical(data.examples));
    CHECK(digits(200, 42).labels.identical(data.labels));
  }
  // The bytes of every machine: an image drawn with a rounding of one's own would differ.
  CHECK(hash_of(data.examples) == 17787189678480638193U);
  CHECK(hash_of(data.labels) == 14896529788839616917U);
}

TEST_CASE("a digit does not depend on how many are drawn, but on the seed's every bit") {
  const DataSet data = digits(50, 3);
  CHECK(digits(17, 3).examples.tensor().identical(data.examples.rows(0, 17)));
  CHECK(digits(17, 3).labels.identical(data.labels.rows(0, 17)));
  CHECK_FALSE(digits(50, 4).examples.tensor().identical(data.examples));
  CHECK_FALSE(digits(50, 3 + (std::uint64_t{1} << 32)).examples.tensor().identical(data.examples));
}

TEST_CASE("every ten digits hold each class once, in an order that changes") {
  const std::vector<double> labels = digits(1000, 5).labels.values();
  std::set<std::vector<double>> orders;
  for (auto first = labels.begin(); first != labels.end(); first += 10) {
    std::vector<double> ten(first, first + 10);
    orders.insert(ten);
    std::sort(ten.begin(), ten.end());
    CHECK(ten == std::vector<double>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  }
  CHECK(orders.size() > 95);
}

TEST_CASE("every digit has as much ink as handwriting, and keeps clear of the border") {
  const DataSet data = digits(2000, 6);
  const std::uint8_t* x = data.examples.tensor().data<std::uint8_t>();
  double total = 0;
  for (std::int64_t i = 0; i < data.count(); ++i, x += kPixels) {
    double ink = 0;
    int border = 0;
    for (std::size_t p = 0; p < kPixels; ++p) {
      const bool edge = p < 28 || p >= kPixels - 28 || p % 28 == 0 || p % 28 == 27;
      if (edge) border = std::max<int>(border, x[p]);
      ink += x[p] / 255.0 / kPixels;
    }
    total += ink;
    CHECK(ink > 0.015);
    CHECK(ink < 0.35);
    CHECK(border == 0);
  }
  // MNIST's mean is 0.131.
  CHECK(total / 2000 == doctest::Approx(0.13).epsilon(0.1));
}

TEST_CASE("the classes can be told apart: the nearest class mean is right three times in four") {
  const std::vector<Mean> means = class_means(digits(2000, 7));
  const DataSet test = digits(1000, 8);
  const std::uint8_t* x = test.examples.tensor().data<std::uint8_t>();
  int right = 0;
  for (std::int64_t i = 0; i < 1000; ++i, x += kPixels) {
    const auto nearest =
        std::min_element(means.begin(), means.end(), [&](const Mean& a, const Mean& b) {
          return squared_distance(x, a) < squared_distance(x, b);
        });
    right += nearest - means.begin() == test.labels.at(i) ? 1 : 0;
  }
  CHECK(right > 750);
}

TEST_CASE("no digits at all is a mistake") {
  CHECK_THROWS_WITH_AS((void)digits(0, 1), "digits: count must be positive: 0", Error);
}
