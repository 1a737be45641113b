#pragma once

// What the tests of kernels share.

#include <cstddef>
#include <cstdint>
#include <random>
#include <vector>

namespace hourglass::testing {

// Elements on each side of what a kernel may write.
constexpr std::size_t kGuard = 16;

inline std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }

// An array whose middle axis is worked on.
struct Extents {
  std::int64_t outer, n, inner;
  std::int64_t elements() const { return outer * n * inner; }
};

// n numbers in [-1, 1).
template <class T>
std::vector<T> random_numbers(std::int64_t n, std::mt19937& random) {
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> x(at(n));
  for (T& value : x) value = uniform(random);
  return x;
}
template <class T>
std::vector<T> random_numbers(std::int64_t n, unsigned seed) {
  std::mt19937 random(seed);
  return random_numbers<T>(n, random);
}

template <class T>
bool is_nan(T x) {
  return x != x;
}

}  // namespace hourglass::testing
