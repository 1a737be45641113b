#include <doctest/doctest.h>

#include "autograd/compile/program.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "tensor/error.h"
#include "tests/autograd/unfed.h"

using namespace hourglass;
using testing::kMatrix;
using testing::kScalar;
using testing::kVector;

// The exact words of what goes wrong, op by op.

namespace {

const Var kIndices = input({5}, DType::kI32);
const Var kImages = input({2, 3}, DType::kU8);

}  // namespace

TEST_CASE("elementwise functions say which number they cannot take") {
  CHECK_THROWS_WITH_AS(sin(kIndices),
                       "sin: numbers must be f32 or f64: a=[5]: got i32: use cast(x, DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(clip(kMatrix, 1, -1), "clip: low must not exceed high: 1 vs -1", Error);
  CHECK_THROWS_WITH_AS(polygamma(101, kMatrix), "polygamma: the order must be 0 to 100: got 101",
                       Error);
  CHECK_THROWS_WITH_AS(pow(kMatrix, kVector),
                       "pow: shapes do not broadcast: a=[2, 3], b=[4]: 3 vs 4", Error);
  CHECK_THROWS_WITH_AS(pow(kMatrix, Var()),
                       "pow: argument b is an empty Var: nothing was assigned to it", Error);
  CHECK_THROWS_WITH_AS(scale_u8(kMatrix), "scale_u8: takes stored images, u8: a=[2, 3]: got f32",
                       Error);
}

TEST_CASE("slices and pads say which range of which axis does not fit") {
  CHECK_THROWS_WITH_AS(slice(kMatrix, 1, {1, 5}),
                       "slice: range out of bounds: a=[2, 3]: axis 1: 1 to 5 of 3", Error);
  CHECK_THROWS_WITH_AS(slice(kMatrix, 1, {2, 1}),
                       "slice: range out of bounds: a=[2, 3]: axis 1: 2 to 1 of 3", Error);
  CHECK_THROWS_WITH_AS(slice(kMatrix, 0, {0, 2, 0}),
                       "slice: steps must be at least 1: a=[2, 3]: axis 0: 0", Error);
  CHECK_THROWS_WITH_AS(slice(kMatrix, 2, {0, 1}),
                       "slice: axis out of range: axis 2 of [2, 3]: expected -2 to 1", Error);
  CHECK_THROWS_WITH_AS(slice(kMatrix, {{0, 1}}), "slice: needs one entry an axis: a=[2, 3]: 1 vs 2",
                       Error);
  CHECK_THROWS_WITH_AS(pad(kVector, {{-1, 0}}),
                       "pad: amounts must not be negative: a=[4]: axis 0: -1, 0, 0", Error);
  CHECK_THROWS_WITH_AS(pad(kVector, {{0, 0, std::int64_t{1} << 60}}),
                       "pad: too many elements: a=[4]: axis 0: 0, 0, 1152921504606846976", Error);
  CHECK_THROWS_WITH_AS(flip(kMatrix, {0, -2}), "flip: axis named twice: a=[2, 3]: axis 0", Error);
}

TEST_CASE("joining and cutting say which sizes disagree") {
  CHECK_THROWS_WITH_AS(concat({}, 0), "concat: needs at least one input", Error);
  CHECK_THROWS_WITH_AS(concat({kMatrix, kVector}, 0),
                       "concat: all axes but axis 0 must agree: a=[2, 3], b=[4]", Error);
  CHECK_THROWS_WITH_AS(concat({kMatrix, input({2, 4})}, 0),
                       "concat: all axes but axis 0 must agree: a=[2, 3], b=[2, 4]", Error);
  CHECK_THROWS_WITH_AS(
      concat({kMatrix, input({2, 3}, DType::kF64)}, 0),
      "concat: dtypes differ: a=[2, 3], b=[2, 3]: a is f32, b is f64: use cast(b, DType::kF32)",
      Error);
  CHECK_THROWS_WITH_AS(split(kVector, {1, 2}, 0),
                       "split: the sizes must add up to the axis: a=[4], axis 0: 3 vs 4", Error);
  CHECK_THROWS_WITH_AS(chunk(kVector, 3, 0),
                       "chunk: the axis must divide into equal parts: a=[4], axis 0: 4 vs 3",
                       Error);
  CHECK_THROWS_WITH_AS(squeeze(kMatrix, {0}),
                       "squeeze: the axis must have size 1: a=[2, 3]: axis 0: 2 vs 1", Error);
  CHECK_THROWS_WITH_AS(expand_dims(kMatrix, 4),
                       "expand_dims: axis out of range: a=[2, 3]: axis 4: expected -3 to 2", Error);
  CHECK_THROWS_WITH_AS(tile(kMatrix, {2}), "tile: needs one number an axis: a=[2, 3]: 1 vs 2",
                       Error);
}

TEST_CASE("reductions say which axis is wrong and what they cannot reduce") {
  CHECK_THROWS_WITH_AS(softmax(kMatrix, 2),
                       "softmax: axis out of range: axis 2 of [2, 3]: expected -2 to 1", Error);
  CHECK_THROWS_WITH_AS(logsumexp(kMatrix, {0, 0}), "logsumexp: axis named twice: a=[2, 3]: axis 0",
                       Error);
  CHECK_THROWS_WITH_AS(mean(kIndices),
                       "mean: numbers must be f32 or f64: a=[5]: got i32: use cast(x, DType::kF32)",
                       Error);
  CHECK_THROWS_WITH_AS(mean(input({2, 0}), {1}), "mean: of no elements: a=[2, 0]", Error);
  CHECK_THROWS_WITH_AS(variance(input({1, 3}), {0}, false, 1),
                       "variance: needs more elements than the correction: a=[1, 3]: 1 vs 1",
                       Error);
  CHECK_THROWS_WITH_AS(cumsum(kScalar, 0),
                       "cumsum: axis out of range: axis 0 of []: a scalar has no axes", Error);
  CHECK_THROWS_WITH_AS(
      prod(kImages), "prod: numbers must be f32 or f64: a=[2, 3]: got u8: use cast(x, DType::kF32)",
      Error);
  CHECK_THROWS_WITH_AS(sum(Var()), "sum: argument a is an empty Var: nothing was assigned to it",
                       Error);
}

TEST_CASE("indexing says what is no index, and refuses one that is out of range when it runs") {
  CHECK_THROWS_WITH_AS(take(kMatrix, kVector, 0),
                       "take: indices must be i32: a=[2, 3], b=[4]: got f32", Error);
  CHECK_THROWS_WITH_AS(
      scatter_add(kVector, kIndices, 0, 3),
      "scatter_add: needs one index an element: a=[4], b=[5]: axes 0 to 0 of a vs b", Error);
  CHECK_THROWS_WITH_AS(scatter_add(kVector, kIndices, 1, 3),
                       "scatter_add: axis out of range: a=[4], b=[5]: axis 1: expected -1 to 0",
                       Error);
  CHECK_THROWS_WITH_AS(embedding(kVector, kIndices),
                       "embedding: the table must be a matrix: a=[4]: rank 1", Error);
  CHECK_THROWS_WITH_AS(one_hot(kVector, 3), "one_hot: indices must be i32: a=[4]: got f32", Error);
  CHECK_THROWS_WITH_AS(top_k(kVector, 5),
                       "top_k: k must be 0 to the size of the axis: a=[4]: 5 vs 4", Error);
  CHECK_THROWS_WITH_AS(argsort(kImages),
                       "argsort: u8 images must be cast before they are compared: a=[2, 3]", Error);
  const Var outside = constant(Tensor::from<std::int32_t>({0, 7}, Shape{2}));
  CHECK_THROWS_AS(take(kVector, outside, 0).value(), Error);
  const Tensor numbers({4}, DType::kF32);
  CHECK_THROWS_AS(evaluate({take(kVector, outside, 0)}, {{kVector, numbers}}), Error);
}

TEST_CASE("small linear algebra says which sizes do not meet") {
  CHECK_THROWS_WITH_AS(outer(kMatrix, kVector), "outer: needs two vectors: a=[2, 3], b=[4]", Error);
  CHECK_THROWS_WITH_AS(dot(kVector, input({3})), "dot: sizes differ: a=[4], b=[3]: 4 vs 3", Error);
  CHECK_THROWS_WITH_AS(matvec(kMatrix, kVector),
                       "matvec: inner sizes differ: a=[2, 3], b=[4]: 3 vs 4", Error);
  CHECK_THROWS_WITH_AS(trace(kVector), "trace: needs at least 2 axes: a=[4]: rank 1", Error);
  CHECK_THROWS_WITH_AS(diag(kScalar), "diag: needs at least 1 axes: a=[]: rank 0", Error);
}

TEST_CASE("draws and composites say which of their numbers makes no sense") {
  const RandomKey key = random_key(1);
  CHECK_THROWS_WITH_AS(random_uniform(key, "a", {2}, 1, 0),
                       "random_uniform: low must not exceed high: 1 vs 0", Error);
  CHECK_THROWS_WITH_AS(random_bernoulli(key, "a", kIndices),
                       "random_bernoulli: probabilities must be f32 or f64", Error);
  CHECK_THROWS_WITH_AS(huber(kMatrix, 0), "huber: delta must be positive: got 0", Error);
}
