#include "nn/data/data_set.h"

#include <doctest/doctest.h>

#include "tensor/error.h"

using namespace hourglass;
using nn::DataKind;
using nn::DataSet;

TEST_CASE("a data set is made of a tensor in one line, and gives some of its examples") {
  const DataSet table{.kind = DataKind::kRow,
                      .examples = Tensor::from<double>({1, 2, 3, 4, 5, 6}, Shape{3, 2}),
                      .labels = Tensor::from<std::int32_t>({0, 1, 0}, Shape{3}),
                      .columns = {"a", "b"}};
  nn::check(table);
  CHECK(table.count() == 3);
  CHECK(table.example_shape() == Shape{2});
  const DataSet some = table.select({2, 0});
  CHECK(some.examples.tensor().values() == std::vector<double>{5, 6, 1, 2});
  CHECK(some.labels.values() == std::vector<double>{0, 0});
  CHECK(some.columns == table.columns);
  CHECK(table.range(1, 3).examples.tensor().values() == std::vector<double>{3, 4, 5, 6});
}

TEST_CASE("a data set says what does not fit together") {
  const Tensor table = Tensor::full(Shape{3, 2}, 1);
  CHECK_THROWS_WITH_AS(nn::check({.kind = DataKind::kImage, .examples = table}),
                       "data: expected [N, C, H, W] for examples of kind image: got [3, 2]", Error);
  CHECK_THROWS_WITH_AS(nn::check({.kind = DataKind::kSeries}),
                       "data: expected [N, C, T] for examples of kind series: got none", Error);
  CHECK_THROWS_WITH_AS(nn::check({.kind = DataKind::kRow, .examples = table, .columns = {"a"}}),
                       "data: expected a name a column, 2: got 1", Error);
  CHECK_THROWS_WITH_AS(nn::check({.kind = DataKind::kRow,
                                  .examples = table,
                                  .labels = Tensor::from<std::int32_t>({0, -1, 0}, Shape{3})}),
                       "data: the label of example 1 is -1: expected at least 0", Error);
  CHECK_THROWS_WITH_AS(
      nn::check({.kind = DataKind::kRow, .examples = table, .labels = Tensor::full(Shape{2}, 1)}),
      "data: expected a label an example, i32 [3]: got f32 [2]", Error);
  CHECK_THROWS_WITH_AS(
      nn::check({.kind = DataKind::kRow, .examples = Tensor(Shape{0, 2}, DType::kF32)}),
      "data: there are no examples: [0, 2]", Error);
}
