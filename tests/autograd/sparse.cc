#include "autograd/ops/sparse.h"

#include <doctest/doctest.h>

#include "autograd/graph/evaluate.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

using namespace hourglass;
using namespace hourglass::testing;

namespace {

// Two sparse matrices [3, 4] with room for 6 entries: other columns, other row starts.
const std::vector<std::int32_t> kEntryColumns = {1, 3, 0, 2, 3, 0, 0, 2, 2, 1, 0, 3};
const std::vector<std::int32_t> kRowStarts = {0, 2, 2, 5, 0, 1, 3, 4};

Var random_constant(const Shape& shape, std::uint64_t seed) {
  return constant(random_tensor(shape, seed));
}
Var i32(const std::vector<std::int32_t>& values, const Shape& shape) {
  return constant(Tensor::from<std::int32_t>(values, shape));
}

// `size` of each array, the first of the two where the batch does not reach it.
struct Arrays {
  Var values, columns, starts, dense;
};

void check_batching(const std::function<Var(const Arrays&)>& f, const Shape& dense, bool values) {
  const Var all[] = {random_constant({2, 6}, 1), i32(kEntryColumns, {2, 6}),
                     i32(kRowStarts, {2, 4}), random_constant(dense.with_axis(0, 2), 2)};
  const auto element = [&](int k, std::int64_t i) {
    return reshape(slice(all[k], 0, {i, i + 1}), all[k].shape().without_axis(0));
  };
  for (unsigned batched = 1; batched < 16; ++batched) {
    if (!values && batched == 1) continue;
    CAPTURE(batched);
    std::vector<Var> xs, batches, fixed;
    for (int k = 0; k < 4; ++k) {
      fixed.push_back(element(k, 0));
      if ((batched >> k & 1) == 0) continue;
      fixed.back() = input(fixed.back().shape(), fixed.back().dtype());
      xs.push_back(fixed.back());
      batches.push_back(all[k]);
    }
    const Var y = f({fixed[0], fixed[1], fixed[2], fixed[3]});
    const Tensor together = vmap(y, xs, batches).value();
    std::vector<Var> apart;
    for (std::int64_t i = 0; i < 2; ++i) {
      const auto at = [&](int k) { return element(k, batched >> k & 1 ? i : 0); };
      apart.push_back(f({at(0), at(1), at(2), at(3)}));
    }
    CHECK(together.values() == stack(apart).value().values());
  }
}

}  // namespace

TEST_CASE("vmap of products with sparse rows is the loop, whatever of them the batch reaches") {
  for (const bool flag : {false, true}) {
    CAPTURE(flag);
    const Shape w = flag ? Shape{5, 4} : Shape{4, 5};
    check_batching(
        [=](const Arrays& x) {
          return sparse_matmul({x.values, x.columns, x.starts}, x.dense, flag);
        },
        w, true);
    check_batching(
        [=](const Arrays& x) {
          return sparse_transpose_matmul({x.values, x.columns, x.starts}, x.dense, 4, flag);
        },
        {3, 5}, true);
    const Var a = random_constant({3, 5}, 3);
    check_batching(
        [=](const Arrays& x) {
          return sampled_matmul({{}, x.columns, x.starts}, a, x.dense, flag);
        },
        w, false);
  }
}

TEST_CASE("a dense operand's batch is so many columns of one product with sparse rows") {
  const Var w = input({4, 5}, DType::kF64);
  const SparseRows s{random_constant({6}, 1), i32({1, 3, 0, 2, 3, 0}, {6}), i32({0, 2, 2, 5}, {4})};
  const Var y = vmap(sparse_matmul(s, w), {w}, {input({7, 4, 5}, DType::kF64)});
  int products = 0;
  for (const Var& node : ancestors({y})) {
    if (node.op().name != "sparse_matmul") continue;
    ++products;
    CHECK(node.shape() == Shape{3, 35});
  }
  CHECK(products == 1);
}

// An index out of one matrix must not reach into its neighbour's.
TEST_CASE("under vmap sparse rows keep what is out of their own range out of all") {
  const Var columns = input({6}, DType::kI32), starts = input({4}, DType::kI32), w = input({4, 5});
  const Var y = sparse_matmul({constant(Tensor({6}, DType::kF32)), columns, starts}, w);
  const auto run = [&](std::vector<std::int32_t> all_columns,
                       std::vector<std::int32_t> all_starts) {
    return vmap(y, {columns, starts, w},
                {i32(all_columns, {2, 6}), i32(all_starts, {2, 4}),
                 constant(Tensor({2, 4, 5}, DType::kF32))})
        .value();
  };
  std::vector<std::int32_t> wrong = kEntryColumns;
  for (const std::int32_t column : {-1, 4}) {
    wrong[2] = column;
    CHECK_THROWS_WITH_AS(run(wrong, kRowStarts),
                         "sparse_matmul: index out of range: columns[2] = -1: expected 0 to 7",
                         Error);
  }
  wrong = kRowStarts;
  for (const std::int32_t start : {-1, 7}) {
    wrong[3] = start;
    CHECK_THROWS_WITH_AS(
        run(kEntryColumns, wrong),
        "sparse_matmul: row starts do not rise from 0 to at most 12: row_starts[3] = -1", Error);
  }
}

TEST_CASE("products with sparse rows say which array does not fit") {
  const Var values = input({6}), columns = input({6}, DType::kI32),
            starts = input({4}, DType::kI32);
  const Var w = input({4, 5});
  CHECK_THROWS_WITH_AS(sparse_matmul({w, columns, starts}, w),
                       "sparse_matmul: values must be a vector: a=[4, 5], b=[4, 5], c=[6], d=[4]: "
                       "a has rank 2",
                       Error);
  CHECK_THROWS_WITH_AS(sparse_matmul({values, columns, starts}, values),
                       "sparse_matmul: needs matrices: a=[6], b=[6], c=[6], d=[4]: b has rank 1",
                       Error);
  CHECK_THROWS_WITH_AS(sparse_matmul({values, values, starts}, w),
                       "sparse_matmul: columns and row starts must be i32: a=[6], b=[4, 5], c=[6], "
                       "d=[4]: got f32",
                       Error);
  CHECK_THROWS_WITH_AS(
      sparse_matmul({values, starts, starts}, w),
      "sparse_matmul: needs a column a value: a=[6], b=[4, 5], c=[4], d=[4]: 4 vs 6", Error);
  CHECK_THROWS_WITH_AS(
      sparse_matmul({values, columns, input({0}, DType::kI32)}, w),
      "sparse_matmul: needs a row start more than there are rows: a=[6], b=[4, 5], "
      "c=[6], d=[0]",
      Error);
  CHECK_THROWS_WITH_AS(
      sparse_matmul({values, columns, starts}, input({4, 5}, DType::kF64)),
      "sparse_matmul: dtypes differ: a=[6], b=[4, 5]: a is f32, b is f64: use cast(b, DType::kF32)",
      Error);
  CHECK_THROWS_WITH_AS(
      sparse_transpose_matmul({values, columns, starts}, w, 9),
      "sparse_transpose_matmul: needs a row start more than there are rows: a=[6], "
      "b=[4, 5], c=[6], d=[4]: 4 vs 4",
      Error);
  CHECK_THROWS_WITH_AS(sampled_matmul({{}, columns, starts}, input({3, 4}), w),
                       "sampled_matmul: inner dimensions differ: a=[3, 4], b=[4, 5], c=[6], d=[4]: "
                       "4 vs 5",
                       Error);
}
