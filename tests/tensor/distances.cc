#include <doctest/doctest.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/targets.h"

namespace kernels = hourglass::kernels;

TEST_CASE("Hamming's distance counts the bits that differ, of any number of codes and words") {
  on_every_target([](std::string_view) {
    std::mt19937_64 random(3);
    for (const std::int64_t words : {0, 1, 2, 5}) {
      for (const std::int64_t n : {0, 1, 7, 8, 9, 33}) {
        const std::int64_t stride = n + 2;
        std::vector<std::uint64_t> query(static_cast<std::size_t>(words)),
            items(static_cast<std::size_t>(words * stride));
        for (std::uint64_t& word : query) word = random();
        for (std::uint64_t& word : items) word = random();
        std::vector<std::int32_t> y(static_cast<std::size_t>(n) + 1, -7);
        kernels::hamming_distances(query.data(), items.data(), words, n, stride, y.data());
        for (std::int64_t i = 0; i < n; ++i) {
          int expected = 0;
          for (std::int64_t w = 0; w < words; ++w) {
            expected += std::popcount(query[static_cast<std::size_t>(w)] ^
                                      items[static_cast<std::size_t>(w * stride + i)]);
          }
          CHECK(y[static_cast<std::size_t>(i)] == expected);
        }
        CHECK(y.back() == -7);
      }
    }
  });
}

TEST_CASE("a row's product is right to its rounding, and the same bits wherever there is FMA") {
  std::mt19937 random(4);
  std::normal_distribution<float> normal;
  for (const std::int64_t width : {0, 1, 15, 16, 17, 128, 131}) {
    const std::int64_t n = 9;
    std::vector<float> x(static_cast<std::size_t>(width)),
        rows(static_cast<std::size_t>(n * width));
    for (float& each : x) each = normal(random);
    for (float& each : rows) each = normal(random);
    std::vector<float> first;
    on_every_target([&](std::string_view target) {
      std::vector<float> y(static_cast<std::size_t>(n) + 1, -7);
      kernels::row_products(x.data(), rows.data(), n, width, y.data());
      for (std::int64_t i = 0; i < n; ++i) {
        double product = 0, size = 0;
        for (std::int64_t j = 0; j < width; ++j) {
          const double each = static_cast<double>(x[static_cast<std::size_t>(j)]) *
                              rows[static_cast<std::size_t>(i * width + j)];
          product += each;
          size += std::abs(each);
        }
        CHECK(std::abs(y[static_cast<std::size_t>(i)] - product) <= 0x1p-24 * 14 * size);
      }
      CHECK(y.back() == -7);
      if (target == "baseline") return;
      if (first.empty()) first = y;
      CHECK(y == first);
    });
  }
}
