// What a user may get wrong, in one place: every mistake is told in one line, with the user's own
// shapes, and what mathematics allows works, arrays without elements included.

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <string>

#include "autograd/check/gradcheck.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"
#include "tests/autograd/unfed.h"

namespace hourglass {
namespace {

using testing::kMatrix;
using testing::kScalar;
using testing::kVector;
using testing::run_both;

TEST_CASE("bad input: shapes that do not fit") {
  CHECK_THROWS_WITH_AS(kMatrix + kVector, "add: shapes do not broadcast: a=[2, 3], b=[4]: 3 vs 4",
                       Error);
  CHECK_THROWS_WITH_AS(matmul(kMatrix, kMatrix),
                       "matmul: inner dimensions differ: a=[2, 3], b=[2, 3]: 3 vs 2", Error);
  CHECK_THROWS_WITH_AS(reshape(kMatrix, {4, 2}),
                       "reshape: element counts differ: a=[2, 3]: to [4, 2]: 6 vs 8", Error);
  CHECK_THROWS_WITH_AS(reshape_to(kMatrix, {4, -1}),
                       "reshape: element counts differ: a=[2, 3]: to [4, 1]: 6 vs 4", Error);
  CHECK_THROWS_WITH_AS(
      broadcast_to(kMatrix, {3, 3}),
      "broadcast_to: sizes must agree from the last axis or be 1: a=[2, 3]: to [3, 3]", Error);
  CHECK_THROWS_WITH_AS(sum_to(kMatrix, {2}),
                       "sum_to: sizes must agree from the last axis or become 1: a=[2, 3]: to [2]",
                       Error);
  CHECK_THROWS_WITH_AS(where(kVector, kMatrix, kMatrix),
                       "where: shapes do not broadcast: a=[4], b=[2, 3]: 4 vs 3", Error);
}

TEST_CASE("bad input: rank 0 where a vector or a matrix is needed") {
  CHECK_THROWS_WITH_AS(matmul(kVector, kMatrix), "matmul: needs matrices: a=[4], b=[2, 3]: rank 1",
                       Error);
  CHECK_THROWS_WITH_AS(matmul(kScalar, kMatrix), "matmul: needs matrices: a=[], b=[2, 3]: rank 0",
                       Error);
  CHECK_THROWS_WITH_AS(transpose(kScalar), "transpose: needs at least two axes: a=[]: rank 0",
                       Error);
  CHECK_THROWS_WITH_AS(softmax(kScalar),
                       "softmax: axis out of range: axis -1 of []: a scalar has no axes", Error);
  CHECK_THROWS_WITH_AS(sort(kScalar),
                       "sort: axis out of range: axis -1 of []: a scalar has no axes", Error);
  CHECK_THROWS_WITH_AS(top_k(kScalar, 1),
                       "top_k: axis out of range: axis -1 of []: a scalar has no axes", Error);
  CHECK_THROWS_WITH_AS(concat({kScalar, kScalar}, 0),
                       "concat: axis out of range: axis 0 of []: a scalar has no axes", Error);
  CHECK_THROWS_WITH_AS(conv2d(kScalar, kScalar), "conv2d: needs four axes: a=[], b=[]: rank 0",
                       Error);
}

TEST_CASE("bad input: an axis out of range, or named twice") {
  CHECK_THROWS_WITH_AS(sum(kMatrix, {2}),
                       "sum: axis out of range: axis 2 of [2, 3]: expected -2 to 1", Error);
  CHECK_THROWS_WITH_AS(sum(kMatrix, {1, -1}), "sum: axis named twice: a=[2, 3]: axis 1", Error);
  CHECK_THROWS_WITH_AS(
      transpose(kMatrix, {0, 0}),
      "transpose: the permutation must name each axis once: a=[2, 3]: permutation=[0, 0]", Error);
  CHECK_THROWS_WITH_AS(
      transpose(kMatrix, {0}),
      "transpose: the permutation must name each axis once: a=[2, 3]: permutation=[0]", Error);
  CHECK_THROWS_WITH_AS(squeeze(kMatrix, {5}),
                       "squeeze: axis out of range: axis 5 of [2, 3]: expected -2 to 1", Error);
  CHECK_THROWS_WITH_AS(stack({kMatrix, kMatrix}, 4),
                       "stack: axis out of range: a=[2, 3]: axis 4: expected -3 to 2", Error);
}

TEST_CASE("bad input: more elements than an offset can count") {
  const std::int64_t half = std::int64_t{1} << 31;
  const Var row = input({1, half}), column = input({half, 1});
  CHECK_THROWS_WITH_AS(input({half, half}),
                       "shape: too many elements: [2147483648, 2147483648]: more than 2^59", Error);
  CHECK_THROWS_WITH_AS(row + column,
                       "add: too many elements: a=[1, 2147483648], b=[2147483648, 1]: "
                       "[2147483648, 2147483648]: more than 2^59",
                       Error);
  CHECK_THROWS_WITH_AS(matmul(column, row),
                       "matmul: too many elements: a=[2147483648, 1], b=[1, 2147483648]: "
                       "[2147483648, 2147483648]: more than 2^59",
                       Error);
  CHECK_THROWS_WITH_AS(outer(reshape(row, {half}), reshape(row, {half})),
                       "outer: too many elements: a=[2147483648], b=[2147483648]: [2147483648, "
                       "2147483648]: more than 2^59",
                       Error);
  CHECK_THROWS_WITH_AS(tile(kVector, {half, half}),
                       "tile: too many elements: a=[4]: [2147483648, 8589934592]: more than 2^59",
                       Error);
  CHECK_THROWS_WITH_AS(tile(kVector, {-1}), "tile: sizes must not be negative: a=[4]: [-4]", Error);
  CHECK_THROWS_WITH_AS(
      diag(reshape(row, {half})),
      "diag: too many elements: a=[2147483648]: [2147483648, 2147483648]: more than 2^59", Error);
  CHECK_THROWS_WITH_AS(reshape_to(kMatrix, {half, half, -1}),
                       "reshape: too many elements: a=[2, 3]: [2147483648, 2147483648, 1]: more "
                       "than 2^59",
                       Error);
  CHECK_THROWS_WITH_AS(jacobian(row, row),
                       "jacobian: too many elements: a=[1, 2147483648], b=[1, 2147483648]: [1, "
                       "2147483648, 1, 2147483648]: more than 2^59",
                       Error);
  CHECK_THROWS_WITH_AS(
      one_hot(input({1 << 30}, DType::kI32), 1 << 30),
      "one_hot: too many elements: a=[1073741824]: [1073741824, 1073741824]: more than 2^59",
      Error);
  CHECK_THROWS_WITH_AS(one_hot(input({1}, DType::kI32), half),
                       "one_hot: more classes than an i32 index can name: 2147483648", Error);
  CHECK_THROWS_WITH_AS(eye(half),
                       "eye: too many elements: [2147483648, 2147483648]: more than 2^59", Error);
  CHECK_THROWS_WITH_AS(concat({input({half, half / 8}), input({half, half / 8})}, 0),
                       "concat: too many elements: a=[2147483648, 268435456], b=[2147483648, "
                       "268435456]: [4294967296, 268435456]: more than 2^59",
                       Error);
}

TEST_CASE("bad input: what i32 cannot count has no index") {
  const std::int64_t many = (std::int64_t{1} << 31) + 16;
  const Var x = input({many}), rows = input({4, many / 2});
  const std::string text = ": too many elements for i32 indices: a=[2147483664]: 2147483664";
  const auto refused = [](const std::string& message, const std::function<void()>& call) {
    CHECK_THROWS_WITH_AS(call(), message.c_str(), Error);
  };
  refused("argmax" + text, [&] { argmax(x); });
  refused("argmin" + text, [&] { argmin(x); });
  refused("max" + text, [&] { max(x); });
  refused("min" + text, [&] { min(x); });
  refused("argsort" + text, [&] { argsort(x); });
  refused("sort" + text, [&] { sort(x); });
  refused("top_k" + text, [&] { top_k(x, 2); });
  refused("top_k_mask" + text, [&] { top_k_mask(x, 2); });
  refused("argmax: too many elements for i32 indices: a=[4, 1073741832]: 4294967328",
          [&] { argmax(rows); });
  refused("max_pool2d: too many elements for i32 indices: a=[1, 1, 65536, 65536]: 4294967296", [&] {
    max_pool2d(input({1, 1, 65536, 65536}));
  });
  CHECK(argmax(input({(std::int64_t{1} << 31)})).rank() == 0);
  CHECK(argmax(rows, {0}).elements() == many / 2);
}

TEST_CASE("bad input: windows and strides beyond 2^59 are refused and never overflow") {
  const std::int64_t huge = std::int64_t{1} << 62;
  const Var x = input({1, 2, 5, 5}), w = input({2, 2, 3, 3});
  CHECK_THROWS_WITH_AS(conv2d(x, w, {.dilation = {huge, 1}}),
                       "conv2d: the kernel is larger than the padded input: a=[1, 2, 5, 5], b=[2, "
                       "2, 3, 3]: stride=[1, 1], padding=[0, 0, 0, 0], "
                       "dilation=[4611686018427387904, 1], groups=1",
                       Error);
  CHECK_THROWS_WITH_AS(conv2d(x, w, {.padding = {huge, huge, 0, 0}}),
                       "conv2d: too many elements: a=[1, 2, 5, 5], b=[2, 2, 3, 3]: stride=[1, 1], "
                       "padding=[4611686018427387904, 4611686018427387904, 0, 0], dilation=[1, 1], "
                       "groups=1",
                       Error);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, w, {.stride = {huge, huge}}),
                       "conv_transpose2d: too many elements: a=[1, 2, 5, 5], b=[2, 2, 3, 3]: "
                       "stride 4611686018427387904, dilation 1",
                       Error);
  CHECK_THROWS_WITH_AS(max_pool2d(x, {.kernel = {3, 3}, .dilation = {huge, huge}}),
                       "max_pool2d: the window is larger than the padded input: a=[1, 2, 5, 5]: "
                       "kernel=[3, 3], stride=[2, 2], padding=[0, 0, 0, 0], "
                       "dilation=[4611686018427387904, 4611686018427387904]",
                       Error);
  CHECK_THROWS_WITH_AS(split(kMatrix, {huge, huge, huge, huge, 3}, 1),
                       "split: the sizes must add up to the axis: a=[2, 3], axis 1: 19 vs 3",
                       Error);
}

TEST_CASE("bad input: a function made of ops speaks its own name and the user's shapes") {
  const Var x = input({1, 2, 5, 5}), line = input({1, 2, 5}), indices = input({4}, DType::kI32);
  CHECK_THROWS_WITH_AS(indices + 0.5, "add: 0.5 is not exact in i32: a=[4]", Error);
  CHECK_THROWS_WITH_AS(Var() * 2.0,
                       "multiply: argument a is an empty Var: nothing was assigned to it", Error);
  CHECK_THROWS_WITH_AS(pow(indices, 2),
                       "pow: numbers must be f32 or f64: a=[4]: got i32: use cast(x, DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(norm(indices),
                       "norm: numbers must be f32 or f64: a=[4]: got i32: use cast(x, DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(argmax(input({2, 3}, DType::kU8)),
                       "argmax: u8 images must be cast before they are compared: a=[2, 3]", Error);
  CHECK_THROWS_WITH_AS(sum(input({2, 3}, DType::kU8)),
                       "sum: u8 images must be cast before they are summed: a=[2, 3]", Error);
  CHECK_THROWS_WITH_AS(embedding(kMatrix, kVector),
                       "embedding: indices must be i32: a=[2, 3], b=[4]: got f32", Error);
  CHECK_THROWS_WITH_AS(dot(kVector, input({4}, DType::kF64)),
                       "dot: dtypes differ: a=[4], b=[4]: a is f32, b is f64: use cast(b, "
                       "DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(stack({kMatrix, kVector}), "stack: shapes differ: a=[2, 3], b=[4]", Error);
  CHECK_THROWS_WITH_AS(logaddexp(indices, indices),
                       "logaddexp: numbers must be f32 or f64: a=[4]: got i32: use cast(x, "
                       "DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(conv2d(x, input({4, 2, 0, 3})),
                       "conv2d: the kernel must not be empty: a=[1, 2, 5, 5], b=[4, 2, 0, 3]: "
                       "size 0",
                       Error);
  CHECK_THROWS_WITH_AS(stack({}), "stack: needs at least one input", Error);
  CHECK_THROWS_WITH_AS(conv1d(line, input({4, 3, 3})),
                       "conv1d: input channels differ: a=[1, 2, 5], b=[4, 3, 3]: 2 vs 3 a group x "
                       "1 groups",
                       Error);
  CHECK_THROWS_WITH_AS(conv_transpose2d(x, input({3, 4, 3, 3})),
                       "conv_transpose2d: output channels differ: a=[1, 2, 5, 5], b=[3, 4, 3, 3]: "
                       "2 vs 3",
                       Error);
  CHECK_THROWS_WITH_AS(avg_pool2d(x, {.kernel = {9, 9}}),
                       "avg_pool2d: the kernel is larger than the padded input: a=[1, 2, 5, 5]: 9 "
                       "vs 5",
                       Error);
}

TEST_CASE("bad input: functions that are empty, and nothing to check") {
  CHECK_THROWS_WITH_AS(checkpoint(Function()), "checkpoint: the function is empty", Error);
  CHECK_THROWS_WITH_AS(compile_by_shape(nullptr), "compile_by_shape: the function is empty", Error);
  CHECK_THROWS_WITH_AS(gradcheck([](const std::vector<Var>& v) { return v.at(0); }, {}),
                       "gradcheck: there is nothing to vary: no inputs were given", Error);
  CHECK_THROWS_WITH_AS(adjoint_check([](const std::vector<Var>& v) { return v.at(0); }, {}),
                       "adjoint_check: needs the shape of at least one input", Error);
}

TEST_CASE("bad input: mixed dtypes, with the cast that mends them") {
  CHECK_THROWS_WITH_AS(
      kMatrix * input({2, 3}, DType::kF64),
      "multiply: dtypes differ: a=[2, 3], b=[2, 3]: a is f32, b is f64: use cast(b, DType::kF32)",
      Error);
  CHECK_THROWS_WITH_AS(
      matmul(kMatrix, input({3, 2}, DType::kF64)),
      "matmul: dtypes differ: a=[2, 3], b=[3, 2]: a is f32, b is f64: use cast(b, DType::kF32)",
      Error);
  CHECK_THROWS_WITH_AS(
      kMatrix + input({2, 3}, DType::kI32),
      "add: dtypes differ: a=[2, 3], b=[2, 3]: a is f32, b is i32: use cast(b, DType::kF32)",
      Error);
  CHECK_THROWS_WITH_AS(tanh(input({2}, DType::kI32)),
                       "tanh: numbers must be f32 or f64: a=[2]: got i32: use cast(x, DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(conv2d(input({1, 1, 3, 3}), input({1, 1, 2, 2}, DType::kF64)),
                       "conv2d: dtypes differ: a=[1, 1, 3, 3], b=[1, 1, 2, 2]: a is f32, b is f64: "
                       "use cast(b, DType::kF32)",
                       Error);
}

TEST_CASE("bad input: gradients that do not exist; of a variable that is not there it is zero") {
  const Var w = parameter(testing::vector_of({1, 2}));
  CHECK_THROWS_WITH_AS(
      grad(kMatrix, kMatrix),
      "grad: y must be a scalar: y=[2, 3]: take its sum or mean, or use vjp with a cotangent",
      Error);
  CHECK_THROWS_WITH_AS(hessian(w, w), "hessian: y must be a scalar: y=[2]: take its sum or mean",
                       Error);
  CHECK_THROWS_WITH_AS(hvp(sum(w), w, kVector), "hvp: v must have x's type: v=f32 [4], x=f64 [2]",
                       Error);
  CHECK_THROWS_WITH_AS(substitute(w, {w}, {kVector}),
                       "substitute: dtypes differ: x=f64, replacement=f32", Error);
  CHECK_THROWS_WITH_AS(substitute(w, {w}, {}), "substitute: needs one replacement an x: 0 vs 1",
                       Error);
  CHECK(run_both(grad(sum(square(w)), parameter(testing::vector_of({5})))).values() ==
        std::vector<double>{0});
}

TEST_CASE("a fused loop over no elements still writes its sums, which are 0") {
  const Var w = parameter(testing::random_tensor({3}, 1));
  for (const Shape& shape : {Shape{0, 3}, Shape{3, 0}, Shape{0, 0}, Shape{0}, Shape{0, 2000}}) {
    const Var x = input(shape, DType::kF64);
    std::vector<Var> sums = {sum(tanh(x)) + sum(w)};
    for (int axis = 0; axis < x.rank(); ++axis) sums.push_back(sum(exp(x), {axis}));
    const std::vector<Tensor> expected = evaluate(sums, {{x, Tensor(shape, DType::kF64)}});
    Program program = compile(sums, {.inputs = {x}});
    for (int run = 0; run < 2; ++run) {  // the second finds the first one's numbers in the arena
      const std::vector<Tensor>& got = program.run({Tensor(shape, DType::kF64)});
      for (std::size_t i = 0; i < sums.size(); ++i) CHECK(got[i].values() == expected[i].values());
    }
  }
  // Beside loops that do have elements, whose memory it may reuse.
  const Var none = input({0, 3}, DType::kF64);
  const Var y = sum(none * expand_dims(w, 0), {0}) + w * w;
  Program program = compile({y, sum(exp(w)) + sum(square(none))}, {.inputs = {none}});
  const std::vector<Tensor>& got = program.run({Tensor({0, 3}, DType::kF64)});
  CHECK(got[0].values() == (w * w).value().values());
  CHECK(got[1].item() == doctest::Approx(sum(exp(w)).value().item()).epsilon(1e-14));
}

TEST_CASE("arrays without elements work wherever mathematics has an answer") {
  const Var none = parameter(Tensor({0, 3}, DType::kF64));
  const Var w = parameter(testing::random_tensor({3, 2}, 1));
  CHECK(run_both(sum(none)).item() == 0);
  CHECK(run_both(prod(none)).item() == 1);
  CHECK(run_both(matmul(none, w)).shape() == Shape{0, 2});
  CHECK(run_both(softmax(none)).shape() == Shape{0, 3});
  CHECK(run_both(concat({none, none}, 0)).shape() == Shape{0, 3});
  CHECK(run_both(sort(none)).shape() == Shape{0, 3});
  CHECK(run_both(grad(sum(tanh(matmul(none, w))), w)).values() == std::vector<double>(6, 0.0));
  CHECK(run_both(logsumexp(none, {0})).values() == std::vector<double>(3, -INFINITY));
  CHECK_THROWS_WITH_AS(mean(none), "mean: of no elements: a=[0, 3]", Error);
  CHECK_THROWS_WITH_AS(max(none, {0}), "max: of no elements: a=[0, 3]", Error);
  CHECK_THROWS_WITH_AS(argmax(none, {0}), "argmax: of no elements: a=[0, 3]", Error);
  const Var images = parameter(Tensor({0, 1, 4, 4}, DType::kF64));
  const Var kernel = parameter(testing::random_tensor({2, 1, 3, 3}, 2));
  CHECK(run_both(conv2d(images, kernel)).shape() == Shape{0, 2, 2, 2});
  CHECK(run_both(grad(sum(conv2d(images, kernel)), kernel)).values() ==
        std::vector<double>(18, 0.0));
}

}  // namespace
}  // namespace hourglass
