#include "autograd/graph/attributes.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/error.h"

namespace hourglass {
namespace {

const Attributes kSample{{"n", std::int64_t{3}},
                         {"slope", 0.5},
                         {"keep", true},
                         {"axes", std::vector<std::int64_t>{0, -1}},
                         {"dtype", DType::kF64}};

TEST_CASE("attributes are read by name and kind, and printed in order") {
  CHECK(kSample.integer("n") == 3);
  CHECK(kSample.real("slope") == 0.5);
  CHECK(kSample.flag("keep"));
  CHECK(kSample.integers("axes") == std::vector<std::int64_t>{0, -1});
  CHECK(kSample.dtype("dtype") == DType::kF64);
  CHECK(kSample.reals() == std::vector<double>{0.5});
  CHECK(to_string(kSample) == "n=3, slope=0.5, keep=true, axes=[0, -1], dtype=f64");
  CHECK(to_string(Attributes()) == "");
}

TEST_CASE("a name that is absent or of another kind throws") {
  CHECK_THROWS_WITH_AS((void)kSample.integer("m"), "attribute m: there is none of this name",
                       Error);
  CHECK_THROWS_WITH_AS((void)kSample.real("n"), "attribute n: holds another kind of value", Error);
  CHECK_THROWS_WITH_AS(kSample.with("m", std::int64_t{1}),
                       "attribute m: there is none of this name", Error);
}

TEST_CASE("attributes are equal by name, kind and bits, and equal ones have one hash") {
  const Attributes other = kSample.with("n", std::int64_t{4});
  CHECK_FALSE(other == kSample);
  CHECK(other.with("n", std::int64_t{3}) == kSample);
  CHECK(other.with("n", std::int64_t{3}).hash() == kSample.hash());
  const Attributes zero{{"x", 0.0}};
  CHECK_FALSE(zero == Attributes{{"x", -0.0}});
  CHECK_FALSE(zero == Attributes{{"y", 0.0}});
  CHECK_FALSE(zero == Attributes{{"x", std::int64_t{0}}});
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(Attributes{{"x", nan}} == Attributes{{"x", nan}});
}

}  // namespace
}  // namespace hourglass
