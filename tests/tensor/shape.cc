#include "tensor/shape.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

using hourglass::Error;
using hourglass::Shape;

TEST_CASE("a scalar has rank 0 and one element, a size of 0 makes an empty tensor") {
  CHECK(Shape{}.rank() == 0);
  CHECK(Shape{}.elements() == 1);
  CHECK(Shape{3, 0, 2}.elements() == 0);
  CHECK(to_string(Shape{32, 784}) == "[32, 784]");
  CHECK(to_string(Shape{}) == "[]");
}

TEST_CASE("a negative axis counts from the end") {
  const Shape shape{2, 3, 5};
  CHECK(shape[-1] == 5);
  CHECK(shape.axis_index(-3) == 0);
  CHECK(shape.product(1, 3) == 15);
  CHECK(shape.with_axis(0, 7) == Shape{7, 2, 3, 5});
  CHECK(shape.without_axis(1) == Shape{2, 5});
}

TEST_CASE("a bad shape says what is wrong with it") {
  CHECK_THROWS_WITH_AS((Shape{4, -1}), "shape: sizes must not be negative: [4, -1]", Error);
  CHECK_THROWS_WITH_AS((Shape{std::int64_t{1} << 62}),
                       "shape: too many elements: [4611686018427387904]: more than 2^59", Error);
  CHECK_THROWS_WITH_AS((Shape{0, std::int64_t{1} << 62}),
                       "shape: too many elements: [0, 4611686018427387904]: more than 2^59", Error);
  CHECK_THROWS_WITH_AS((void)(Shape{2, 3}[2]),
                       "shape: axis out of range: axis 2 of [2, 3]: expected -2 to 1", Error);
  CHECK_THROWS_WITH_AS((void)(Shape{2, 3}.without_axis(2)),
                       "shape: axis out of range: axis 2 of [2, 3]: expected -2 to 1", Error);
  CHECK_THROWS_WITH_AS((void)(Shape{2, 3}.with_axis(3, 1)),
                       "shape: axis out of range: axis 3 into [2, 3]: expected 0 to 2", Error);
}
