#include "ae/measure/binary_codes.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

using namespace hourglass;

namespace {

Tensor codes_of(const char* stream, std::int64_t count, std::int64_t width) {
  return uniform(key_of(2), stream, 0, Shape{count, width}, -1, 1, DType::kF32);
}

// Every item by its distance, by the definition.
std::vector<std::pair<double, double>> ranked(const ae::BinaryCodes& queries, std::int64_t q,
                                              const ae::BinaryCodes& items) {
  std::vector<std::pair<double, double>> all;
  for (std::int64_t i = 0; i < items.count; ++i) {
    double bits = 0;
    for (std::int64_t b = 0; b < items.bits; ++b) bits += queries.bit(q, b) != items.bit(i, b);
    all.emplace_back(bits, i);
  }
  std::sort(all.begin(), all.end());
  return all;
}

}  // namespace

TEST_CASE("a median has as many numbers below it as above, the lower of two in the middle") {
  const Tensor codes = Tensor::from<float>({3, 9, 1, 7, 2, 8, 5, 6}, {4, 2});
  CHECK(ae::column_medians(codes).values() == std::vector<double>{2, 7});
  CHECK(ae::column_medians(codes.rows(0, 3)).values() == std::vector<double>{2, 8});
}

TEST_CASE("a bit says whether a number is above its threshold") {
  const Tensor codes = codes_of("codes", 3, 70), thresholds = Tensor::full({70}, 0.25);
  const ae::BinaryCodes bits = ae::binarised(codes, thresholds);
  CHECK(bits.words_each() == 2);
  for (std::int64_t i = 0; i < 3; ++i) {
    for (std::int64_t b = 0; b < 70; ++b) CHECK(bits.bit(i, b) == (codes.at(i * 70 + b) > 0.25));
  }
  CHECK(!ae::binarised(Tensor::full({1, 70}, 0.25), thresholds).bit(0, 3));
}

TEST_CASE("the k codes of the fewest bits that differ are found, ties in the order of the items") {
  const Tensor zero = Tensor(Shape{70}, DType::kF32);
  for (const int threads : {1, 3}) {
    const ThreadScope scope(threads);
    const ae::BinaryCodes items = ae::binarised(codes_of("items", 9000, 70), zero);
    const ae::BinaryCodes queries = ae::binarised(codes_of("queries", 3, 70), zero);
    for (const std::int64_t k : {1, 10, 500}) {
      const ae::Neighbours found = ae::k_nearest(queries, items, k);
      for (std::int64_t q = 0; q < 3; ++q) {
        const auto expected = ranked(queries, q, items);
        for (std::int64_t i = 0; i < k; ++i) {
          CHECK(found.distances.at(q * k + i) == expected[static_cast<std::size_t>(i)].first);
          CHECK(found.indices.at(q * k + i) == expected[static_cast<std::size_t>(i)].second);
        }
      }
    }
  }
}

TEST_CASE("copies are at distance 0 and as many as were asked for") {
  const ae::BinaryCodes one = ae::binarised(Tensor::full({1, 8}, 1), Tensor(Shape{8}, DType::kF32));
  const ae::BinaryCodes same =
      ae::binarised(Tensor::full({9, 8}, 1), Tensor(Shape{8}, DType::kF32));
  const ae::Neighbours found = ae::k_nearest(one, same, 3);
  CHECK(found.indices.values() == std::vector<double>{0, 1, 2});
  CHECK(found.distances.values() == std::vector<double>{0, 0, 0});
}

TEST_CASE("a ball is ranked by the real codes, and what it lacks is said") {
  const Tensor reals = codes_of("items", 400, 16), near = codes_of("queries", 2, 16);
  const Tensor zero = Tensor(Shape{16}, DType::kF32);
  const ae::BinaryCodes items = ae::binarised(reals, zero), queries = ae::binarised(near, zero);
  const std::int64_t radius = 5, k = 30;
  const ae::Neighbours found = ae::k_nearest_in_ball(queries, items, radius, near, reals, k);
  const ae::Neighbours all = ae::k_nearest(near, reals, 400);
  for (std::int64_t q = 0; q < 2; ++q) {
    const auto bits = ranked(queries, q, items);
    const auto in_ball = [&](double item) {
      return std::any_of(bits.begin(), bits.end(), [&](const auto& each) {
        return each.second == item && each.first <= radius;
      });
    };
    std::int64_t place = q * k;
    for (std::int64_t i = q * 400; i < (q + 1) * 400 && place < (q + 1) * k; ++i) {
      if (!in_ball(all.indices.at(i))) continue;
      CHECK(found.indices.at(place) == all.indices.at(i));
      CHECK(found.distances.at(place++) == all.distances.at(i));
    }
    for (; place < (q + 1) * k; ++place) {
      CHECK(found.indices.at(place) == -1);
      CHECK(std::isinf(found.distances.at(place)));
    }
  }
}

TEST_CASE("what codes of bits cannot do is said in one line") {
  const Tensor zero = Tensor(Shape{6}, DType::kF32), reals = codes_of("items", 5, 6);
  const ae::BinaryCodes items = ae::binarised(reals, zero);
  CHECK_THROWS_WITH_AS(ae::binarised(reals, Tensor(Shape{5}, DType::kF32)),
                       "binarised: needs a threshold a column: codes=[5, 6], thresholds=[5]",
                       Error);
  CHECK_THROWS_WITH_AS(ae::column_medians(Tensor(Shape{0, 4}, DType::kF32)),
                       "codes: expected f32 [N, H]: got f32 [0, 4]", Error);
  CHECK_THROWS_WITH_AS(ae::k_nearest(items, items, 6),
                       "k_nearest: k: expected 1 to 5, as many as there are items: got 6", Error);
  const ae::BinaryCodes other =
      ae::binarised(codes_of("items", 5, 7), Tensor(Shape{7}, DType::kF32));
  CHECK_THROWS_WITH_AS(ae::k_nearest(other, items, 1),
                       "k_nearest: needs codes of as many bits: queries=7, items=6", Error);
  CHECK_THROWS_WITH_AS(ae::k_nearest_in_ball(items, items, -1, reals, reals, 1),
                       "k_nearest: radius: must be at least 0: got -1", Error);
  CHECK_THROWS_WITH_AS(ae::k_nearest_in_ball(items, items, 1, reals, reals.rows(0, 4), 1),
                       "k_nearest: needs a row a code: 5 rows of 5 queries, 4 of 5 items", Error);
}
