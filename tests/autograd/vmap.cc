#include <doctest/doctest.h>

#include <functional>

#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/random.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::count_ops;
using testing::distance;
using testing::kF64;
using testing::random_parameter;
using testing::run_both;

// What vmap must give: y computed for each slice on its own, and the results stacked.
Var looped(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& batches) {
  std::vector<Var> results;
  for (std::int64_t i = 0; i < batches[0].size(0); ++i) {
    std::vector<Var> slices;
    for (std::size_t k = 0; k < xs.size(); ++k) {
      slices.push_back(reshape(slice(batches[k], 0, {i, i + 1}), xs[k].shape()));
    }
    results.push_back(substitute(y, xs, slices));
  }
  return stack(results);
}

Var batch_of(const Var& x, std::int64_t size, std::uint64_t seed) {
  return random_parameter(x.shape().with_axis(0, size), seed, 0.1, 1);
}

using F = std::function<Var(const Var&, const Var&)>;
struct BatchedCase {
  const char* name;
  Shape a, b;
  F f;
};

// f with the first argument batched, the second, and both, against the loop.
void check(const BatchedCase& c) {
  CAPTURE(c.name);
  const Var a = random_parameter(c.a, 1, 0.1, 1);
  const Var b = random_parameter(c.b, 2, 0.1, 1);
  const Var y = c.f(a, b);
  for (const int which : {1, 2, 3}) {
    CAPTURE(which);
    std::vector<Var> xs, batches;
    if (which & 1) xs.push_back(a), batches.push_back(batch_of(a, 3, 5));
    if (which & 2) xs.push_back(b), batches.push_back(batch_of(b, 3, 6));
    CHECK(distance(vmap(y, xs, batches), looped(y, xs, batches)) < 1e-13);
  }
}

TEST_CASE("vmap of elementwise graphs, broadcasts and reductions is the loop") {
  const std::vector<BatchedCase> cases = {
      {"lanes", Shape{4}, Shape{4}, [](auto& a, auto& b) { return tanh(a * b + 1) / exp(b); }},
      {"scalars", Shape{}, Shape{}, [](auto& a, auto& b) { return a * b - 2 * a; }},
      {"broadcast", Shape{2, 1, 4}, Shape{3, 1}, [](auto& a, auto& b) { return a * b; }},
      {"broadcast a scalar", Shape{}, Shape{2, 2}, [](auto& a, auto& b) { return a + b; }},
      {"where", Shape{4}, Shape{4}, [](auto& a, auto& b) { return where(less(a, b), a, b * b); }},
      {"sum", Shape{2, 3}, Shape{3}, [](auto& a, auto& b) { return sum(a, {0}) * b; }},
      {"sum keepdims", Shape{2, 3}, Shape{2},
       [](auto& a, auto& b) { return sum(a, {1}, true) * sum(b); }},
      {"mean and variance", Shape{2, 3}, Shape{2, 3},
       [](auto& a, auto& b) { return mean(a * b, {0}) + variance(a - b, {0}); }},
      {"max", Shape{2, 3}, Shape{2, 3}, [](auto& a, auto& b) { return max(a * b, {-1}); }},
      {"softmax", Shape{2, 3}, Shape{2, 3}, [](auto& a, auto& b) { return softmax(a, 0) * b; }},
      {"cumsum", Shape{2, 3}, Shape{2, 3}, [](auto& a, auto& b) { return cumsum(a * b, 1); }},
      {"logsumexp", Shape{2, 3}, Shape{}, [](auto& a, auto& b) { return logsumexp(a, {0}) + b; }},
  };
  for (const BatchedCase& c : cases) check(c);
}

TEST_CASE("vmap of what moves numbers is the loop") {
  const std::vector<BatchedCase> cases = {
      {"reshape", Shape{2, 3}, Shape{6}, [](auto& a, auto& b) { return reshape(a, Shape{6}) * b; }},
      {"transpose", Shape{2, 3, 4}, Shape{4, 2, 3},
       [](auto& a, auto& b) {
         return transpose(a, {2, 0, 1}) * b;
       }},
      {"slice", Shape{5, 4}, Shape{2, 4},
       [](auto& a, auto& b) {
         return slice(a, {{1, 4, 2}, {}}) + b;
       }},
      {"pad", Shape{2}, Shape{5},
       [](auto& a, auto& b) {
         return pad(a, {{1, 2, 0}}) + b;
       }},
      {"flip", Shape{2, 3}, Shape{2, 3}, [](auto& a, auto& b) { return flip(a, {1}) * b; }},
      {"concat", Shape{2, 3}, Shape{1, 3},
       [](auto& a, auto& b) {
         return concat({a, b, a}, 0);
       }},
      {"stack", Shape{2}, Shape{2},
       [](auto& a, auto& b) {
         return stack({a, b}, 1);
       }},
      {"take", Shape{3, 4}, Shape{2, 3, 4},
       [](auto& a, auto& b) {
         const Var index = constant(Tensor::from<std::int32_t>({2, 0}, Shape{2}));
         return take(a, index, 0) + take(b, index, 1);
       }},
      {"take at computed indices", Shape{3, 4}, Shape{2, 3},
       [](auto& a, auto& b) { return take(a, argmax(b, {1}), 1); }},
      {"take_along", Shape{2, 4}, Shape{2, 4},
       [](auto& a, auto& b) { return take_along(a, argsort(b)); }},
      {"scatter_add", Shape{2, 3}, Shape{2},
       [](auto& a, auto& b) { return scatter_add(a, argsort(b), 0, 4); }},
      {"diag and trace", Shape{3}, Shape{3, 3},
       [](auto& a, auto& b) { return diag(a) * trace(b); }},
      {"cast and stop_gradient", Shape{3}, Shape{3},
       [](auto& a, auto& b) { return cast(cast(stop_gradient(a), DType::kF32), kF64) * b; }},
      {"eye", Shape{3}, Shape{3, 3}, [](auto& a, auto& b) { return a * eye(3, kF64) + b; }},
  };
  for (const BatchedCase& c : cases) check(c);
}

TEST_CASE("vmap of a matmul is the loop, for every rank, flag and batched operand") {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      for (const std::int64_t rows : {1, 2}) {
        for (const std::int64_t columns : {1, 4}) {
          for (const int extra : {0, 1, 2, 3}) {
            const Shape a = ta ? Shape{3, rows} : Shape{rows, 3};
            const Shape b = tb ? Shape{columns, 3} : Shape{3, columns};
            check({"matmul", extra & 1 ? a.with_axis(0, 5) : a, extra & 2 ? b.with_axis(0, 5) : b,
                   [=](auto& x, auto& y) { return matmul(x, y, ta, tb); }});
          }
        }
      }
    }
  }
}

TEST_CASE("a matrix shared by the batch stays one, and the batch is more rows of one product") {
  const Var x = input(Shape{5, 3}, kF64);
  const Var w = random_parameter(Shape{3, 4}, 1);
  const Var xs = input(Shape{7, 5, 3}, kF64);
  const Var y = vmap(tanh(matmul(x, w)), {x}, {xs});
  int products = 0;
  for (const Var& node : ancestors({y})) {
    if (node.op().name != "matmul") continue;
    ++products;
    CHECK(node.shape() == Shape{35, 4});
    CHECK(node.inputs()[1].same(w));
  }
  CHECK(products == 1);
  CHECK(count_ops({y}, "broadcast_to") == 0);

  // A matrix on the left, times vectors: one product too.
  const Var v = input(Shape{3, 1}, kF64);
  const Var a = random_parameter(Shape{4, 3}, 2);
  const Var z = vmap(matmul(a, v), {v}, {input(Shape{7, 3, 1}, kF64)});
  for (const Var& node : ancestors({z})) {
    if (node.op().name == "matmul") CHECK(node.rank() == 2);
  }
  CHECK(count_ops({z}, "transpose") == 0);
}

TEST_CASE("what the batch does not reach is left alone") {
  const Var x = input(Shape{3}, kF64);
  const Var w = random_parameter(Shape{3}, 1);
  const Var shared = exp(w).named("shared");
  const Var xs = random_parameter(Shape{2, 3}, 2);
  const Var y = vmap(shared * x, {x}, {xs});
  bool found = false;
  for (const Var& node : ancestors({y})) found = found || node.same(shared);
  CHECK(found);
  CHECK(distance(y, exp(w) * xs) < 1e-15);
  CHECK(distance(vmap(shared, {x}, {xs}), broadcast_to(shared, Shape{2, 3})) == 0);
}

TEST_CASE("an x may be an inner node: what it is made of does not matter, other uses do") {
  const Var w = random_parameter(Shape{3}, 1);
  const Var h = tanh(w);
  const Var y = exp(h) * w;
  const Var hs = random_parameter(Shape{4, 3}, 2);
  CHECK(distance(vmap(y, {h}, {hs}), exp(hs) * w) < 1e-15);
  CHECK(vmap(h, {h}, {hs}).same(hs));
  const Var ws = random_parameter(Shape{4, 3}, 3);
  CHECK(distance(vmap(y, {h, w}, {hs, ws}), exp(hs) * ws) < 1e-15);
}

TEST_CASE("vmap of several outputs shares their graph") {
  const Var x = input(Shape{3}, kF64);
  const Var h = tanh(x);
  const Var xs = random_parameter(Shape{2, 3}, 1);
  const std::vector<Var> ys = vmap({exp(h), square(h)}, {x}, {xs});
  CHECK(count_ops(ys, "tanh") == 1);
  CHECK(distance(ys[0], exp(tanh(xs))) < 1e-15);
  CHECK(distance(ys[1], square(tanh(xs))) < 1e-15);
}

TensorType reverse_type(const Call& c) { return same_as_first(c); }
void reverse_kernel(const KernelCall& k) {
  const std::int64_t n = k.elements();
  for (std::int64_t i = 0; i < n; ++i) {
    k.output.as<double>()[i] = k.inputs[0].as<double>()[n - 1 - i] * k.inputs[1].as<double>()[i];
  }
}
// y[i] = a[n - 1 - i] b[i] over all elements, without a batching rule.
const Op& reverse_op = define({
    .name = "test_reverse_times",
    .type = reverse_type,
    .kernel = reverse_kernel,
});

TEST_CASE("an op without a batching rule is applied to each element of the batch") {
  check({"no rule", Shape{2, 3}, Shape{2, 3}, [](auto& a, auto& b) {
           return exp(apply(reverse_op, {a, b}));
         }});
  const Var a = input(Shape{2}, kF64);
  const Var none = parameter(Tensor(Shape{0, 2}, kF64));
  CHECK(run_both(vmap(apply(reverse_op, {a, a}), {a}, {none})).shape() == Shape{0, 2});
}

Var summing_batch(const BatchCall& b) { return sum(b.inputs[0]); }
const Op& wrong_batch_op = define({
    .name = "test_wrong_batch",
    .type = reverse_type,
    .kernel = reverse_kernel,
    .batch = summing_batch,
});

TEST_CASE("a batching rule that gives another shape is caught") {
  const Var a = input(Shape{2}, kF64);
  const Var batch = input(Shape{3, 2}, kF64);
  CHECK_THROWS_WITH_AS(vmap(apply(wrong_batch_op, {a, a}), {a}, {batch}),
                       "test_wrong_batch: its batching rule gives []: expected [3, 2]", Error);
}

TEST_CASE("a shared key is shared noise, a batched key is fresh noise, as is a batched step") {
  const RandomKey key = random_key(3);
  const Var x = input(Shape{5}, kF64);
  const Var xs = random_parameter(Shape{4, 5}, 1);
  const Var noise = random_normal(key, "a", Shape{5}, kF64);
  CHECK(distance(vmap(x + noise, {x}, {xs}), xs + noise) < 1e-15);

  const Var keys = parameter(Tensor::from<std::int32_t>({1, 2, 3, 4, 5, 6, 7, 8}, Shape{4, 2}));
  const Var y = x * random_uniform(key, "b", Shape{5}, kF64);
  CHECK(distance(vmap(y, {key.words, x}, {keys, xs}), looped(y, {key.words, x}, {keys, xs})) == 0);
  const Var steps = parameter(Tensor::from<std::int32_t>({0, 1, 2, 3}, Shape{4}));
  CHECK(distance(vmap(noise, {key.step}, {steps}), looped(noise, {key.step}, {steps})) == 0);
  const Tensor rows = run_both(vmap(noise, {key.step}, {steps}));
  CHECK(rows.rows(0, 1).identical(noise.value().reshape(Shape{1, 5})));
  CHECK_FALSE(rows.rows(1, 2).identical(rows.rows(0, 1)));
}

TEST_CASE("vmap of grad is the gradient sample by sample") {
  const Var x = input(Shape{3}, kF64);
  const Var t = input(Shape{2}, kF64);
  const Var w = random_parameter(Shape{2, 3}, 1);
  const Var b = random_parameter(Shape{2}, 2);
  const Var loss = sum(square(tanh(matvec(w, x) + b) - t));
  const Var xs = random_parameter(Shape{6, 3}, 3);
  const Var ts = random_parameter(Shape{6, 2}, 4);
  const std::vector<Var> g = grad(loss, {w, b});
  const std::vector<Var> each = vmap(g, {x, t}, {xs, ts});
  CHECK(each[0].shape() == Shape{6, 2, 3});
  CHECK(distance(each[0], looped(g[0], {x, t}, {xs, ts})) < 1e-14);
  CHECK(distance(each[1], looped(g[1], {x, t}, {xs, ts})) < 1e-14);
  const Var total = sum(vmap(loss, {x, t}, {xs, ts}));
  const std::vector<Var> whole = grad(total, {w, b});
  CHECK(distance(sum(each[0], {0}), whole[0]) < 1e-13);
  CHECK(distance(sum(each[1], {0}), whole[1]) < 1e-13);
}

TEST_CASE("vmap composes with vmap, jvp and grad") {
  const Var x = input(Shape{3}, kF64);
  const Var w = input(Shape{3}, kF64);
  const Var y = sum(tanh(x * w) * exp(x));
  const Var xs = random_parameter(Shape{2, 3}, 1);
  const Var ws = random_parameter(Shape{4, 3}, 2);
  const Var table = vmap(vmap(y, {x}, {xs}), {w}, {ws});  // [4, 2]
  CHECK(distance(table, looped(looped(y, {x}, {xs}), {w}, {ws})) < 1e-14);
  const Var other = vmap(vmap(y, {w}, {ws}), {x}, {xs});
  CHECK(distance(table, transpose(other)) < 1e-14);

  const Var t = input(Shape{3}, kF64);
  const Var ts = random_parameter(Shape{2, 3}, 3);
  const Var forward = jvp(y, {x}, {t});
  CHECK(distance(vmap(forward, {x, t, w}, {xs, ts, ts}), looped(forward, {x, t, w}, {xs, ts, ts})) <
        1e-14);
  const Var batched = vmap(y, {x, w}, {xs, ts});
  CHECK(distance(jvp(batched, {xs}, {ts}), looped(jvp(y, {x}, {t}), {x, w, t}, {xs, ts, ts})) <
        1e-14);
  const Var second = grad(sum(square(vmap(grad(y, x), {x, w}, {xs, ts}))), ts);
  const Var reference = grad(sum(square(looped(grad(y, x), {x, w}, {xs, ts}))), ts);
  CHECK(distance(second, reference) < 1e-13);
}

TEST_CASE("vmap refuses pairs that do not match") {
  const Var x = input(Shape{3});
  const Var y = tanh(x);
  CHECK_THROWS_WITH_AS(vmap(y, {}, {}), "vmap: needs at least one x", Error);
  CHECK_THROWS_WITH_AS(vmap(y, {x}, {}), "vmap: needs one batch an x: 0 vs 1", Error);
  CHECK_THROWS_WITH_AS(vmap(y, {x}, {Var()}),
                       "vmap: pair 0 holds an empty Var: nothing was assigned", Error);
  CHECK_THROWS_WITH_AS(vmap(y, {x}, {input(Shape{3})}),
                       "vmap: a batch has one more axis in front than its x: x=f32 [3], batch=f32 "
                       "[3]: batch size 3",
                       Error);
  CHECK_THROWS_WITH_AS(vmap(y, {x}, {input(Shape{2, 3}, kF64)}),
                       "vmap: a batch has one more axis in front than its x: x=f32 [3], batch=f64 "
                       "[2, 3]: batch size 2",
                       Error);
  const Var z = input(Shape{});
  CHECK_THROWS_WITH_AS(vmap(y * z, {x, z}, {input(Shape{2, 3}), input(Shape{4})}),
                       "vmap: a batch has one more axis in front than its x: x=f32 [], batch=f32 "
                       "[4]: batch size 2",
                       Error);
  CHECK_THROWS_WITH_AS(vmap(y, {x, x}, {input(Shape{2, 3}), input(Shape{2, 3})}),
                       "vmap: an x is listed twice: input [3]", Error);
}

}  // namespace
}  // namespace hourglass

TEST_CASE("under vmap an index out of range throws and does not read its neighbour's array") {
  const hourglass::Var x = hourglass::input({3}, hourglass::DType::kF64);
  const hourglass::Var i = hourglass::input({1}, hourglass::DType::kI32);
  const auto batch = [&](std::int32_t first) {
    const auto xs = hourglass::Tensor::from<double>({1, 2, 3, 4, 5, 6}, {2, 3});
    const auto is = hourglass::Tensor::from<std::int32_t>({first, 0}, {2, 1});
    return hourglass::vmap(hourglass::take(x, i, 0), {x, i},
                           {hourglass::constant(xs), hourglass::constant(is)});
  };
  CHECK(batch(2).value().values() == std::vector<double>{3, 4});
  CHECK_THROWS_AS(batch(3).value(), hourglass::Error);
  CHECK_THROWS_AS(batch(-1).value(), hourglass::Error);
}
