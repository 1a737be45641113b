// Lanes on arrays of any length, at any address, in place, on any target and number of threads.

#include <doctest/doctest.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <type_traits>
#include <vector>

#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

namespace kernels = hourglass::kernels;
using hourglass::DType;
using hourglass::dtype_of;
using kernels::Lane;
using kernels::lane_info;

constexpr double kParameters[2] = {1.5, 2.5};

// Three inputs with numbers of every kind and plain ones, as many NaN as random bits have.
template <class T>
std::vector<std::vector<T>> make_inputs(std::size_t n) {
  std::vector<std::vector<T>> inputs(3);
  for (std::size_t k = 0; k < 3; ++k) {
    if constexpr (std::is_integral_v<T>) {
      for (std::size_t i = 0; i < n; ++i) {
        inputs[k].push_back(
            static_cast<T>((i + k) * 0x9e3779b97f4a7c15u >> (i % 3 == 0 ? 60 : 32)));
      }
    } else {
      const std::vector<T> kinds = lanes_testing::all_kinds<T>(n);
      const std::vector<T> plain = lanes_testing::spread<T>(-8.0, 8.0, n);
      for (std::size_t i = 0; i < n; ++i) {
        inputs[k].push_back(i % 3 == 0 ? kinds[(i * 7 + k) % n] : plain[(i + 11 * k) % n]);
      }
    }
  }
  return inputs;
}

template <class T>
bool has(Lane lane) {
  return kernels::lane_function(lane, dtype_of<T>()) != nullptr;
}

template <class T>
bool all_same(const T* a, const T* b, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    if (!lanes_testing::same(a[i], b[i])) return false;
  }
  return true;
}

// n elements from `shift` elements behind an aligned address to as far behind another, with guard
// words on both sides, out of place and onto each input.
template <class T>
void check_range(Lane lane, const std::vector<std::vector<T>>& inputs,
                 const std::vector<T>& expected, std::size_t n, std::size_t shift) {
  constexpr std::size_t guard = 16;
  const T mark = static_cast<T>(77);
  const int count = lane_info(lane).inputs;
  for (int onto = -1; onto < count; ++onto) {
    std::vector<std::vector<T>> x;
    std::vector<const void*> from;
    for (int k = 0; k < count; ++k) {
      x.emplace_back(guard + shift + n + guard, mark);
      std::copy_n(inputs[k].begin(), n, x.back().begin() + guard + shift);
    }
    x.emplace_back(guard + shift + n + guard, mark);
    for (int k = 0; k < count; ++k) from.push_back(x[k].data() + guard + shift);
    std::vector<T>& out = x[onto < 0 ? count : onto];
    kernels::lane_function(lane, dtype_of<T>())(from.data(), out.data() + guard + shift, n,
                                                kParameters);
    const bool right = all_same(out.data() + guard + shift, expected.data(), n);
    bool guarded = true;
    for (std::size_t i = 0; i < guard + shift; ++i) guarded = guarded && out[i] == mark;
    for (std::size_t i = guard + shift + n; i < out.size(); ++i)
      guarded = guarded && out[i] == mark;
    CAPTURE(n);
    CAPTURE(shift);
    CAPTURE(onto);
    if (!right) CHECK(right);
    if (!guarded) CHECK(guarded);
  }
}

template <class T>
void check_ranges(Lane lane) {
  const std::vector<std::vector<T>> inputs = make_inputs<T>(128);
  on_every_target([&](auto) {
    // Full vectors only, so that the tails below are compared with those.
    const std::vector<T> expected = lanes_testing::run<T>(lane, inputs, kParameters);
    for (std::size_t n = 0; n <= 67; ++n) {
      for (const std::size_t shift : {0u, 1u, 3u}) check_range(lane, inputs, expected, n, shift);
    }
  });
}

template <class T>
void check_targets(Lane lane, const std::vector<std::vector<T>>& inputs) {
  std::vector<T> first;
  on_every_target([&](std::string_view target) {
    if (target == "baseline") return;  // without FMA: other bits
    const std::vector<T> y = lanes_testing::run<T>(lane, inputs, kParameters);
    if (first.empty()) first = y;
    CHECK(all_same(y.data(), first.data(), y.size()));
  });
}

template <class T>
void check_threads(Lane lane, const std::vector<std::vector<T>>& inputs) {
  const std::vector<T> expected = lanes_testing::run<T>(lane, inputs, kParameters);
  std::vector<const void*> from;
  for (int k = 0; k < lane_info(lane).inputs; ++k) from.push_back(inputs[k].data());
  for (const int threads : {1, 3}) {
    hourglass::ThreadScope scope(threads);
    std::vector<T> y(expected.size());
    kernels::run_lane(lane, dtype_of<T>(), from, y.data(), static_cast<std::int64_t>(y.size()),
                      kParameters);
    CHECK(std::memcmp(y.data(), expected.data(), y.size() * sizeof(T)) == 0);
  }
}

}  // namespace

TEST_CASE("a lane writes its n elements and no other, at any address, a tail as a full vector") {
  for (const Lane lane : lanes_testing::all_lanes()) {
    CAPTURE(lane_info(lane).name);
    check_ranges<float>(lane);
    check_ranges<double>(lane);
    if (has<std::int32_t>(lane)) check_ranges<std::int32_t>(lane);
  }
}

TEST_CASE("targets with FMA give the same bits") {
  const auto f32 = make_inputs<float>(120000);
  const auto f64 = make_inputs<double>(120000);
  const auto i32 = make_inputs<std::int32_t>(120000);
  for (const Lane lane : lanes_testing::all_lanes()) {
    CAPTURE(lane_info(lane).name);
    check_targets(lane, f32);
    check_targets(lane, f64);
    if (has<std::int32_t>(lane)) check_targets(lane, i32);
  }
}

TEST_CASE("run_lane gives the bits of one call on any number of threads") {
  const auto f32 = make_inputs<float>(100003);
  const auto i32 = make_inputs<std::int32_t>(100003);
  for (const Lane lane : lanes_testing::all_lanes()) {
    CAPTURE(lane_info(lane).name);
    check_threads(lane, f32);
    if (has<std::int32_t>(lane)) check_threads(lane, i32);
  }
}

TEST_CASE("real lanes exist for f32 and f64, integer ones for i32 too, none for u8") {
  for (const Lane lane : lanes_testing::all_lanes()) {
    CAPTURE(lane_info(lane).name);
    CHECK(has<float>(lane));
    CHECK(has<double>(lane));
    CHECK(has<std::int32_t>(lane) == lane_info(lane).integers);
    CHECK_FALSE(has<std::uint8_t>(lane));
  }
  CHECK_FALSE(has<float>(Lane::kNone));
}
