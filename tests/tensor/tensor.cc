#include "tensor/tensor.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "tensor/error.h"

using hourglass::DType;
using hourglass::Error;
using hourglass::Shape;
using hourglass::Tensor;

TEST_CASE("a dtype knows its size and its name") {
  CHECK(size_of(DType::kF32) == 4);
  CHECK(size_of(DType::kF64) == 8);
  CHECK(size_of(DType::kI32) == 4);
  CHECK(size_of(DType::kU8) == 1);
  CHECK(name_of(DType::kF32) == "f32");
  CHECK(name_of(DType::kF64) == "f64");
  CHECK(name_of(DType::kI32) == "i32");
  CHECK(name_of(DType::kU8) == "u8");
}

TEST_CASE("a new tensor is zero, aligned to 64 bytes and of the size it says, in every dtype") {
  for (DType dtype : {DType::kF32, DType::kF64, DType::kI32, DType::kU8}) {
    const Tensor t(Shape{3, 5}, dtype);
    CHECK(t.defined());
    CHECK(t.elements() == 15);
    CHECK(t.bytes() == 15 * size_of(dtype));
    CHECK(reinterpret_cast<std::uintptr_t>(t.raw()) % 64 == 0);
    CHECK(t.values() == std::vector<double>(15, 0.0));
  }
}

TEST_CASE("an empty tensor is defined and has storage, a default one is not a tensor at all") {
  const Tensor empty(Shape{0, 4}, DType::kF32);
  CHECK(empty.defined());
  CHECK(empty.raw() != nullptr);
  CHECK(empty.values().empty());
  CHECK_FALSE(Tensor().defined());
  CHECK_FALSE(Tensor().clone().defined());
}

TEST_CASE("a tensor holds its numbers in row-major order") {
  const Tensor t = Tensor::from<std::int32_t>({1, 2, 3, 4, 5, 6}, Shape{2, 3});
  CHECK(t.dtype() == DType::kI32);
  CHECK(t.at(4) == 5);
  CHECK(t.rows(1, 2).values() == std::vector<double>{4, 5, 6});
  CHECK(t.rows(1, 2).shape() == Shape{1, 3});
  CHECK(t.rows(2, 2).shape() == Shape{0, 3});
  CHECK(Tensor::full(Shape{2}, 7, DType::kU8).values() == std::vector<double>{7, 7});
  CHECK(Tensor::scalar(0.5).item() == 0.5);
}

TEST_CASE("a copy shares storage, a clone does not") {
  Tensor t = Tensor::full(Shape{2}, 1.0);
  CHECK_FALSE(t.shared());
  const Tensor copy = t;
  const Tensor clone = t.clone();
  const Tensor column = t.reshape(Shape{2, 1});
  CHECK(t.shared());
  t.data<float>()[1] = 9;
  CHECK(copy.values() == std::vector<double>{1, 9});
  CHECK(column.values() == std::vector<double>{1, 9});
  CHECK(column.shape() == Shape{2, 1});
  CHECK(clone.values() == std::vector<double>{1, 1});
}

TEST_CASE("a cast widens exactly and truncates reals towards zero") {
  const Tensor t = Tensor::from<float>({-1.75F, 0.5F, 2.9F}, Shape{3});
  CHECK(t.cast(DType::kF64).values() == t.values());
  CHECK(t.cast(DType::kI32).values() == std::vector<double>{-1, 0, 2});
}

TEST_CASE("two tensors are identical when shape, dtype and bytes are") {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const Tensor t = Tensor::from<float>({0.0F, nan}, Shape{2});
  CHECK(t.identical(t.clone()));
  CHECK_FALSE(t.identical(Tensor::from<float>({-0.0F, nan}, Shape{2})));
  CHECK_FALSE(t.identical(t.reshape(Shape{1, 2})));
  CHECK_FALSE(Tensor(Shape{1}, DType::kF32).identical(Tensor(Shape{1}, DType::kI32)));
  CHECK_FALSE(t.identical(Tensor()));
  CHECK(Tensor().identical(Tensor()));
}

TEST_CASE("a mistake with a tensor is told with its shape") {
  const Tensor t(Shape{2, 3}, DType::kF32);
  CHECK_THROWS_WITH_AS((void)t.data<double>(),
                       "tensor: asked for f64 numbers of a tensor of f32: use cast", Error);
  CHECK_THROWS_WITH_AS((void)t.item(),
                       "tensor: item() needs exactly one element: [2, 3]: 6 elements", Error);
  CHECK_THROWS_WITH_AS((void)t.at(6), "tensor: element 6 of [2, 3]: expected 0 to 5", Error);
  CHECK_THROWS_WITH_AS((void)t.at(-1), "tensor: element -1 of [2, 3]: expected 0 to 5", Error);
  CHECK_THROWS_WITH_AS((void)t.reshape(Shape{4}),
                       "reshape: element counts differ: [2, 3] to [4]: 6 vs 4", Error);
  CHECK_THROWS_WITH_AS((void)t.rows(1, 3), "tensor: rows 1 to 3 of [2, 3]: out of range", Error);
  CHECK_THROWS_WITH_AS((void)t.rows(2, 1), "tensor: rows 2 to 1 of [2, 3]: out of range", Error);
  CHECK_THROWS_WITH_AS((void)Tensor::from<float>({1, 2, 3}, Shape{2, 2}),
                       "tensor: as many values as elements expected: 3 values for [2, 2]: 3 vs 4",
                       Error);
}

TEST_CASE("memory that cannot be had is an Error that names the shape") {
  CHECK_THROWS_WITH_AS((void)Tensor::uninitialized(Shape{std::int64_t{1} << 56}, DType::kF32),
                       "tensor: out of memory: [72057594037927936] needs 288230376151711744 bytes",
                       Error);
}
