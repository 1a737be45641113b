#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <iterator>
#include <limits>
#include <numeric>
#include <random>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/targets.h"

namespace kernels = hourglass::kernels;
using hourglass::DType;
using hourglass::size_of;

namespace {

using Sizes = std::vector<std::int64_t>;

constexpr std::size_t kGuardBytes = 64;  // bytes around what a kernel may write

std::int64_t product(const Sizes& sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), std::int64_t{1}, std::multiplies<>());
}

Sizes dense_strides(const Sizes& sizes) {
  Sizes strides(sizes.size());
  std::int64_t stride = 1;
  for (std::size_t d = sizes.size(); d-- > 0; stride *= sizes[d]) strides[d] = stride;
  return strides;
}

// Elements of any dtype as bytes, all different as far as their size allows.
std::vector<unsigned char> numbered_bytes(DType dtype, std::int64_t n) {
  const std::size_t size = size_of(dtype);
  std::vector<unsigned char> bytes(static_cast<std::size_t>(n) * size);
  for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
    const std::uint64_t value = (i + 1) * 0x9E3779B97F4A7C15u;
    std::memcpy(&bytes[i * size], &value, size);
  }
  return bytes;
}

// An output between guard bytes, starting one element off any alignment.
struct Guarded {
  Guarded(DType dtype, std::int64_t n)
      : first(kGuardBytes + size_of(dtype)),
        bytes(first + static_cast<std::size_t>(n) * size_of(dtype) + kGuardBytes, 0xA5) {}
  void* data() { return bytes.data() + first; }
  std::size_t first;
  std::vector<unsigned char> bytes;
};

// One element at a time: to[to_offset + sum i * to_strides] = from[from_offset + sum i * ...].
void copy_by_index(DType dtype, const Sizes& sizes, const Sizes& to_strides, std::int64_t to_offset,
                   const Sizes& from_strides, std::int64_t from_offset,
                   const std::vector<unsigned char>& from, Guarded& to) {
  const auto element_size = static_cast<std::int64_t>(size_of(dtype));
  for (std::int64_t flat = 0; flat < product(sizes); ++flat) {
    std::int64_t rest = flat, t = to_offset, f = from_offset;
    for (std::size_t d = sizes.size(); d-- > 0; rest /= sizes[d]) {
      t += rest % sizes[d] * to_strides[d];
      f += rest % sizes[d] * from_strides[d];
    }
    std::memcpy(static_cast<unsigned char*>(to.data()) + t * element_size,
                from.data() + f * element_size, size_of(dtype));
  }
}

// Strides that lay out the axes in a random order with random gaps, some negative; and the offset
// of index 0 and the number of elements that they span.
struct Layout {
  Sizes strides;
  std::int64_t offset = 0;
  std::int64_t span = 1;
};

Layout random_layout(const Sizes& sizes, bool broadcast, std::mt19937& random) {
  Layout layout{Sizes(sizes.size(), 0)};
  std::vector<std::size_t> order(sizes.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (random() % 2 == 0) std::reverse(order.begin(), order.end());
  for (std::size_t i = order.size(); i > 1 && random() % 2 == 0; --i) {
    std::swap(order[i - 1], order[random() % i]);
  }
  for (const std::size_t d : order) {
    if (broadcast && random() % 3 == 0) continue;  // stride 0
    const std::int64_t stride = layout.span * (1 + (random() % 4 == 0));
    const bool backwards = random() % 4 == 0;
    layout.strides[d] = backwards ? -stride : stride;
    if (sizes[d] == 0) continue;
    if (backwards) layout.offset += (sizes[d] - 1) * stride;
    layout.span += (sizes[d] - 1) * stride;
  }
  return layout;
}

Sizes random_sizes(std::mt19937& random) {
  Sizes sizes(random() % 6);
  for (std::int64_t& size : sizes) {
    constexpr std::int64_t kChoices[] = {1, 1, 2, 3, 4, 5, 8, 17, 33, 40, 70, 0};
    do {
      size = kChoices[random() % std::size(kChoices)];
    } while (size == 0 && random() % 8 != 0);
  }
  while (product(sizes) > 40000) sizes.pop_back();
  return sizes;
}

constexpr DType kDTypes[] = {DType::kF32, DType::kU8, DType::kF64, DType::kI32};

}  // namespace

TEST_CASE("gather_strided copies what its strides say, for any rank, size and sign") {
  std::mt19937 random(1);
  for (int round = 0; round < 600; ++round) {
    const DType dtype = kDTypes[round % 4];
    const Sizes sizes = random_sizes(random);
    const Layout layout = random_layout(sizes, true, random);
    const auto x = numbered_bytes(dtype, layout.span);
    Guarded y(dtype, product(sizes)), expected = y;
    kernels::gather_strided(dtype, sizes, layout.strides, layout.offset, x.data(), y.data());
    copy_by_index(dtype, sizes, dense_strides(sizes), 0, layout.strides, layout.offset, x,
                  expected);
    CAPTURE(round);
    REQUIRE(y.bytes == expected.bytes);
  }
}

TEST_CASE("scatter_strided writes what its strides say and nothing else") {
  std::mt19937 random(2);
  for (int round = 0; round < 600; ++round) {
    const DType dtype = kDTypes[round % 4];
    const Sizes sizes = random_sizes(random);
    const Layout layout = random_layout(sizes, false, random);
    const auto x = numbered_bytes(dtype, product(sizes));
    Guarded y(dtype, layout.span), expected = y;
    kernels::scatter_strided(dtype, sizes, layout.strides, layout.offset, x.data(), y.data());
    copy_by_index(dtype, sizes, layout.strides, layout.offset, dense_strides(sizes), 0, x,
                  expected);
    CAPTURE(round);
    REQUIRE(y.bytes == expected.bytes);
  }
}

TEST_CASE("transpose moves axis permutation[i] of x to axis i of y") {
  std::mt19937 random(3);
  for (int round = 0; round < 600; ++round) {
    const DType dtype = kDTypes[round % 4];
    const Sizes sizes = random_sizes(random);
    std::vector<int> permutation(sizes.size());
    std::iota(permutation.begin(), permutation.end(), 0);
    std::shuffle(permutation.begin(), permutation.end(), random);

    const Sizes strides = dense_strides(sizes);
    Sizes y_sizes, y_from;
    for (const int axis : permutation) {
      y_sizes.push_back(sizes[static_cast<std::size_t>(axis)]);
      y_from.push_back(strides[static_cast<std::size_t>(axis)]);
    }
    const auto x = numbered_bytes(dtype, product(sizes));
    Guarded y(dtype, product(sizes)), expected = y;
    kernels::transpose(dtype, sizes, permutation, x.data(), y.data());
    copy_by_index(dtype, y_sizes, dense_strides(y_sizes), 0, y_from, 0, x, expected);
    CAPTURE(round);
    REQUIRE(y.bytes == expected.bytes);
  }
}

TEST_CASE("pairs at odd places stay pairs") {
  // Runs of 8 bytes move as one element, but only where every stride is a multiple of them.
  const auto x = numbered_bytes(DType::kF32, 40);
  for (const Sizes& strides : {Sizes{3, 1}, Sizes{4, 1}, Sizes{-3, 1}}) {
    const Sizes sizes = {9, 2};
    const std::int64_t offset = strides[0] < 0 ? 30 : 1;
    Guarded y(DType::kF32, 18), expected = y;
    kernels::gather_strided(DType::kF32, sizes, strides, offset, x.data(), y.data());
    copy_by_index(DType::kF32, sizes, dense_strides(sizes), 0, strides, offset, x, expected);
    CHECK(y.bytes == expected.bytes);
  }
}

TEST_CASE("matrices of every size around a vector's are transposed, and of crowded cache sets") {
  std::vector<Sizes> matrices;
  for (const std::int64_t rows : {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 130}) {
    for (const std::int64_t columns : {1, 2, 4, 6, 8, 15, 16, 23, 32, 47, 64, 67, 131}) {
      matrices.push_back({rows, columns});
    }
  }
  // Columns of y that lie a multiple of 1 KiB apart.
  for (const Sizes& sizes : {Sizes{256, 70}, Sizes{512, 64}, Sizes{1024, 257}, Sizes{1024, 31}}) {
    matrices.push_back(sizes);
  }
  const int swapped[] = {1, 0};
  for (const Sizes& sizes : matrices) {
    for (const DType dtype : {DType::kF32, DType::kU8, DType::kF64}) {
      const auto x = numbered_bytes(dtype, product(sizes));
      const Guarded untouched(dtype, product(sizes));
      Guarded expected = untouched;
      const Sizes y_sizes = {sizes[1], sizes[0]};
      copy_by_index(dtype, y_sizes, dense_strides(y_sizes), 0, {1, sizes[1]}, 0, x, expected);
      CAPTURE(sizes[0]);
      CAPTURE(sizes[1]);
      on_every_target([&](auto) {
        Guarded y = untouched;
        kernels::transpose(dtype, sizes, swapped, x.data(), y.data());
        REQUIRE(y.bytes == expected.bytes);
      });
    }
  }
}

TEST_CASE("images are enlarged by any whole number, whatever their width") {
  for (std::int64_t i = 0; i < 400; ++i) {
    const DType dtype = kDTypes[i % 4];
    const std::int64_t width = 1 + i % 37, down = 1 + i % 3, across = 2 + i % 5;
    const Sizes sizes = {3, 5, down, width, across}, strides = {6 * width, width, 0, 1, 0};
    const auto x = numbered_bytes(dtype, 18 * width);
    Guarded expected(dtype, product(sizes));
    copy_by_index(dtype, sizes, dense_strides(sizes), 0, strides, 0, x, expected);
    on_every_target([&](std::string_view) {
      Guarded y(dtype, product(sizes));
      kernels::gather_strided(dtype, sizes, strides, 0, x.data(), y.data());
      CHECK(y.bytes == expected.bytes);
    });
  }
}

TEST_CASE("large copies are split over threads without a seam") {
  const hourglass::ThreadScope two(2);
  struct Case {
    Sizes sizes, strides;
  };
  const Case cases[] = {
      {{600, 500}, {1, 600}},  // transposes: both sides, one side, many
      {{3, 100001}, {1, 3}},
      {{100001, 3}, {1, 100001}},
      {{20, 130, 120}, {15600, 1, 130}},
      {{600, 500}, {0, 1}},  // broadcasts
      {{600, 500}, {1, 0}},
      {{100000, 3}, {0, 1}},
      {{100000, 3}, {1, 0}},
      {{10, 5, 70, 90}, {0, 1, 0, 0}},
      {{250, 1200}, {2000, 1}},  // slices
      {{250, 1200}, {2500, 2}},
      {{300000}, {1}},
  };
  for (const Case& c : cases) {
    for (const DType dtype : {DType::kF32, DType::kU8}) {
      std::int64_t span = 1;
      for (std::size_t d = 0; d < c.sizes.size(); ++d) span += (c.sizes[d] - 1) * c.strides[d];
      const auto x = numbered_bytes(dtype, span);
      Guarded y(dtype, product(c.sizes)), expected = y;
      kernels::gather_strided(dtype, c.sizes, c.strides, 0, x.data(), y.data());
      copy_by_index(dtype, c.sizes, dense_strides(c.sizes), 0, c.strides, 0, x, expected);
      REQUIRE(y.bytes == expected.bytes);
    }
  }
}

TEST_CASE("fill writes n numbers of any dtype") {
  const hourglass::ThreadScope two(2);
  for (const std::int64_t n : {0, 1, 7, 63, 200001}) {
    std::vector<float> f(static_cast<std::size_t>(n) + 2, -1.0f);
    kernels::fill(DType::kF32, 0.1, f.data() + 1, n);
    std::vector<float> expected(f.size(), 0.1f);
    expected.front() = expected.back() = -1.0f;
    CHECK(f == expected);
  }
  double d[3] = {0, 0, 0};
  kernels::fill(DType::kF64, 0.1, d, 2);
  CHECK(d[1] == 0.1);
  CHECK(d[2] == 0);
  std::int32_t i[2] = {7, 7};
  kernels::fill(DType::kI32, -3.9, i, 1);
  CHECK(i[0] == -3);
  CHECK(i[1] == 7);
  kernels::fill(DType::kI32, std::nan(""), i, 1);
  CHECK(i[0] == 0);
  kernels::fill(DType::kI32, -1e10, i, 1);
  CHECK(i[0] == std::numeric_limits<std::int32_t>::min());
  std::uint8_t u[2] = {7, 7};
  kernels::fill(DType::kU8, 300, u, 1);
  CHECK(u[0] == 255);
  CHECK(u[1] == 7);
}
