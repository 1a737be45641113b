#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

using hourglass::dtype_of;
namespace kernels = hourglass::kernels;

// What kernels.h promises, one number at a time.
template <class To, class From>
To expected(From x) {
  if constexpr (std::is_floating_point_v<To>) {
    return static_cast<To>(x);
  } else {
    const double real = static_cast<double>(x);
    if (std::isnan(real)) return 0;
    if (real <= std::numeric_limits<To>::min()) return std::numeric_limits<To>::min();
    if (real >= std::numeric_limits<To>::max()) return std::numeric_limits<To>::max();
    return static_cast<To>(real);
  }
}

template <class From>
std::vector<From> make_numbers() {
  if constexpr (std::is_same_v<From, std::uint8_t>) {
    std::vector<From> x;
    for (int i = 0; i < 256; ++i) x.push_back(static_cast<From>(i));
    return x;
  } else if constexpr (std::is_integral_v<From>) {
    return lanes_testing::joined(lanes_testing::special_numbers<From>(),
                                 {254, 255, 256, 16777217, 16777219, -16777217, 2147483583});
  } else {
    return lanes_testing::joined(lanes_testing::joined(lanes_testing::special_numbers<From>(),
                                                       lanes_testing::all_kinds<From>(2000)),
                                 {From(0.99), From(-0.99), From(254.999), From(255.5), From(-1.5),
                                  From(2147483520.0), From(2147483647.0), From(2147483648.0),
                                  From(-2147483648.0), From(-2147483904.0), From(1e30)});
  }
}

template <class From, class To>
void check_cast() {
  const std::vector<From> x = make_numbers<From>();
  const To mark = static_cast<To>(77);
  for (std::size_t n = 0; n <= x.size(); n += n < 67 ? 1 : 997) {
    std::vector<To> y(n + 2, mark);
    kernels::cast(dtype_of<From>(), dtype_of<To>(), x.data() + (x.size() - n), y.data() + 1,
                  static_cast<std::int64_t>(n));
    CHECK(y[0] == mark);
    CHECK(y[n + 1] == mark);
    for (std::size_t i = 0; i < n; ++i) {
      const From from = x[x.size() - n + i];
      INFO("cast of ", +from, " gave ", +y[i + 1]);
      if (!lanes_testing::same(y[i + 1], expected<To>(from)))
        CHECK(+y[i + 1] == +expected<To>(from));
    }
  }
}

template <class From>
void check_casts_from() {
  check_cast<From, float>();
  check_cast<From, double>();
  check_cast<From, std::int32_t>();
  check_cast<From, std::uint8_t>();
}

}  // namespace

TEST_CASE("casts truncate, saturate and give 0 for NaN; to reals they round to nearest") {
  on_every_target([](auto) {
    check_casts_from<float>();
    check_casts_from<double>();
    check_casts_from<std::int32_t>();
    check_casts_from<std::uint8_t>();
  });
}

TEST_CASE("a cast gives the same on any number of threads") {
  const std::vector<float> x = lanes_testing::spread<float>(-300.0, 300.0, 100003);
  std::vector<std::uint8_t> one(x.size()), three(x.size());
  const auto cast = [&](int threads, std::vector<std::uint8_t>& y) {
    hourglass::ThreadScope scope(threads);
    kernels::cast(hourglass::DType::kF32, hourglass::DType::kU8, x.data(), y.data(),
                  static_cast<std::int64_t>(x.size()));
  };
  cast(1, one);
  cast(3, three);
  CHECK(one == three);
  CHECK(one[5] == expected<std::uint8_t>(x[5]));
}

TEST_CASE("a target is chosen by its name, and a wrong name is an error") {
  on_every_target([](std::string_view target) { CHECK(kernels::cpu_target() == target); });
  CHECK(kernels::cpu_target() == kernels::cpu_targets().front());
#if defined(__x86_64__)
  CHECK(kernels::cpu_targets().back() == "baseline");
#elif defined(__aarch64__)
  REQUIRE(kernels::cpu_targets().size() == 1);
  CHECK(kernels::cpu_targets().front() == "neon");
#endif
  CHECK_THROWS_WITH_AS(
      kernels::set_cpu_target("sse9"),
      "set_cpu_target: unknown target: \"sse9\": expected avx512, avx2, neon, baseline or best",
      hourglass::Error);
  CHECK(kernels::cpu_target() == kernels::cpu_targets().front());
}

TEST_CASE("a target that the CPU lacks is an error that names what there is") {
  for (const std::string_view target : {"avx512", "avx2", "neon", "baseline"}) {
    bool found = false;
    std::string list;
    for (const std::string_view other : kernels::cpu_targets()) {
      found = found || other == target;
      list += (list.empty() ? "" : ", ") + std::string(other);
    }
    if (found) continue;
    const std::string text =
        "set_cpu_target: this CPU lacks it: \"" + std::string(target) + "\": it has " + list;
    CHECK_THROWS_WITH_AS(kernels::set_cpu_target(target), text.c_str(), hourglass::Error);
  }
}
