#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "tensor/kernels.h"

// What the tests of lanes share.
namespace lanes_testing {

template <class T>
using BitsOf = std::conditional_t<sizeof(T) == 4, std::uint32_t, std::uint64_t>;

// Equal bits; one NaN is as good as another.
template <class T>
bool same(T a, T b) {
  if constexpr (std::is_floating_point_v<T>) {
    if (std::isnan(a) && std::isnan(b)) return true;
  }
  return std::memcmp(&a, &b, sizeof(T)) == 0;
}

// |got - want| in units of the spacing of T at `want`. Infinity counts as the number after the
// largest.
template <class T>
double ulp_error(T got, long double want) {
  using Limits = std::numeric_limits<T>;
  if (std::isnan(got) || std::isnan(want)) {
    return std::isnan(got) && std::isnan(want) ? 0 : std::numeric_limits<double>::infinity();
  }
  const long double top = std::ldexp(1.0L, Limits::max_exponent);
  const long double w = std::clamp(want, -top, top);
  const long double g = std::clamp(static_cast<long double>(got), -top, top);
  const long double size = std::max(std::fabs(w), static_cast<long double>(Limits::min()));
  const int exponent = std::min(std::ilogb(size), Limits::max_exponent - 1);
  return static_cast<double>(std::fabs(g - w) / std::ldexp(1.0L, exponent - Limits::digits + 1));
}

// `n` numbers spread over all bit patterns of T: every exponent, both signs, denormals, some NaN.
template <class T>
std::vector<T> all_kinds(std::size_t n) {
  using U = BitsOf<T>;
  const U step = std::numeric_limits<U>::max() / static_cast<U>(n) | U{1};
  std::vector<T> x;
  for (std::size_t i = 0; i < n; ++i) x.push_back(std::bit_cast<T>(static_cast<U>(i * step)));
  return x;
}

// `n` numbers spread evenly over [low, high], with all their digits in use.
template <class T>
std::vector<T> spread(double low, double high, std::size_t n) {
  std::vector<T> x;
  for (std::size_t i = 0; i < n; ++i) {
    const double u = std::fmod(0.6180339887498949 * static_cast<double>(i), 1.0);
    x.push_back(static_cast<T>(low + (high - low) * u));
  }
  return x;
}

// Numbers at which functions change their ways.
template <class T>
std::vector<T> special_numbers() {
  using Limits = std::numeric_limits<T>;
  if constexpr (std::is_integral_v<T>) {
    return {0, 1, -1, 2, -3, 46341, -46341, 65536, Limits::max(), Limits::min(), Limits::min() + 1};
  } else {
    const T tiny = Limits::denorm_min(), small = Limits::min(), eps = Limits::epsilon();
    std::vector<T> x = {0,
                        tiny,
                        small,
                        small - tiny,
                        eps / 4,
                        eps,
                        T(0.5),
                        1 - eps,
                        1,
                        1 + eps,
                        T(1.5),
                        2,
                        3,
                        T(88.5),
                        T(104),
                        T(709.5),
                        T(745.5),
                        100000,
                        T(1e10),
                        T(1) / eps,
                        2 / eps - 1,
                        Limits::max(),
                        Limits::infinity()};
    const std::size_t positive = x.size();
    for (std::size_t i = 0; i < positive; ++i) x.push_back(-x[i]);
    x.push_back(Limits::quiet_NaN());
    return x;
  }
}

template <class T>
std::vector<T> joined(std::vector<T> a, const std::vector<T>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

// The lane over whole vectors of inputs, on the calling thread.
template <class T>
std::vector<T> run(hourglass::kernels::Lane lane, const std::vector<std::vector<T>>& x,
                   const double* parameters = nullptr) {
  std::vector<T> y(x[0].size());
  std::vector<const void*> inputs;
  for (const std::vector<T>& input : x) inputs.push_back(input.data());
  const auto f = hourglass::kernels::lane_function(lane, hourglass::dtype_of<T>());
  f(inputs.data(), y.data(), y.size(), parameters);
  return y;
}

inline std::vector<hourglass::kernels::Lane> all_lanes() {
  std::vector<hourglass::kernels::Lane> lanes;
  for (int i = 1; i < static_cast<int>(hourglass::kernels::Lane::kCount); ++i) {
    lanes.push_back(static_cast<hourglass::kernels::Lane>(i));
  }
  return lanes;
}

}  // namespace lanes_testing
