// Every term against its closed form, in f64.

#include "ae/papers/penalties.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numbers>

#include "ae/papers/denoising.h"
#include "ae/papers/k_sparse.h"
#include "ae/papers/robust.h"
#include "ae/papers/streams.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/step.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using namespace hourglass::ae;
using doctest::Approx;
using testing::at;
using testing::f64;
using testing::kF64;

namespace {

Var normal_constant(const Shape& shape, std::uint32_t stream) {
  return constant(normal(key_of(4), {"random", stream}, 0, shape, 0, 1, kF64));
}

}  // namespace

TEST_CASE("L1 is the sum over units, the mean over images") {
  CHECK(at(l1_penalty(f64({1, -2, 0, 3, 4, -5}, {2, 3}))) == 7.5);
}

TEST_CASE("KL sparsity is that of two coins, zero at rho, and never infinite") {
  const Var h = f64({0.1, 0.9, 0.3, 0.5}, {2, 2});  // means 0.2 and 0.7
  const auto kl = [](double p, double q) {
    return p * std::log(p / q) + (1 - p) * std::log((1 - p) / (1 - q));
  };
  CHECK(at(kl_sparsity(h, 0.05)) == Approx(kl(0.05, 0.2) + kl(0.05, 0.7)).epsilon(1e-12));
  CHECK(at(kl_sparsity(f64({0.2, 0.2}, {2, 1}), 0.2)) == Approx(0).scale(1));
  CHECK(std::isfinite(at(kl_sparsity(f64({1, 0, 1, 0}, {2, 2}), 0.2))));
  CHECK_THROWS_WITH_AS(kl_sparsity(h, 1), "kl_sparsity: rho must be between 0 and 1: got 1", Error);
}

TEST_CASE("the contractive penalty of a sigmoid layer is sum of (h (1 - h))^2 |w|^2") {
  const Var x = normal_constant({3, 4}, 0), w = normal_constant({2, 4}, 1);
  const Var h = sigmoid(matmul(x, w, false, true));
  const Tensor hv = h.value(), wv = w.value();
  double expected = 0;
  for (std::int64_t b = 0; b < 3; ++b) {
    for (std::int64_t j = 0; j < 2; ++j) {
      const double v = hv.at(b * 2 + j) * (1 - hv.at(b * 2 + j));
      for (std::int64_t i = 0; i < 4; ++i) expected += v * v * std::pow(wv.at(j * 4 + i), 2) / 3;
    }
  }
  CHECK(at(contractive_penalty(h, x)) == Approx(expected).epsilon(1e-12));
}

TEST_CASE("the probed penalty is exact for one unit and right on average for several") {
  const RandomKey key = random_key(3);
  const Var x = normal_constant({3, 4}, 0), w1 = normal_constant({1, 4}, 1),
            w = normal_constant({3, 4}, 2);
  const Var one = tanh(matmul(x, w1, false, true));
  CHECK(at(hutchinson_penalty(one, x, key, streams::kProbe)) ==
        Approx(at(contractive_penalty(one, x))).epsilon(1e-12));
  const Var h = tanh(matmul(x, w, false, true));
  double total = 0;
  for (std::uint32_t i = 0; i < 400; ++i) total += at(hutchinson_penalty(h, x, key, {"probe", i}));
  CHECK(total / 400 == Approx(at(contractive_penalty(h, x))).epsilon(0.1));
}

TEST_CASE("CAE+H is zero for a linear encoder and 4 |e|^2 for squares") {
  const RandomKey key = random_key(3);
  const Var x = normal_constant({3, 4}, 0), w = normal_constant({2, 4}, 1);
  const auto linear = [&](const Var& v) { return matmul(v, w, false, true); };
  CHECK(at(caeh_penalty(linear, x, 0.5, key, "h")) == Approx(0).scale(1));
  const Var e = 0.5 * random_normal(key, "h", x.shape(), kF64);
  CHECK(at(caeh_penalty([](const Var& v) { return square(v); }, x, 0.5, key, "h")) ==
        Approx(at(4 * sum(square(e))) / 3).epsilon(1e-12));
}

TEST_CASE("correntropy is e^2 / (2 scale^2) for a small error and 1 for a gross one") {
  const Var loss = correntropy_loss(f64({1e-5, 3, 100}, {3}), f64({0, 0, 0}, {3}), 2);
  CHECK(at(loss, 0) == Approx(1e-10 / 8).epsilon(1e-9));
  CHECK(at(loss, 1) == Approx(1 - std::exp(-9.0 / 8)).epsilon(1e-12));
  CHECK(at(loss, 2) == 1);
}

TEST_CASE("the k largest of each row stay, by value, with their derivative") {
  const Var h = f64({1, 5, -9, 3, 0, -1, -2, -3}, {2, 4});
  const Tensor kept = keep_largest(h, 2).value();
  const std::vector<double> expected = {0, 5, 0, 3, 0, -1, 0, 0};
  for (std::int64_t i = 0; i < 8; ++i) CHECK(kept.at(i) == expected[static_cast<std::size_t>(i)]);
  CHECK(at(grad(sum(keep_largest(h, 2)), h), 1) == 1);
  CHECK(at(grad(sum(keep_largest(h, 2)), h), 0) == 0);
  CHECK_THROWS_WITH_AS(keep_largest(h, 5), "keep_largest: k must be 1 to 4: h=[2, 4], k=5", Error);
}

TEST_CASE("MMD is the mean over pairs of different rows, written out") {
  const std::int64_t n = 4, d = 3;
  const Var a = normal_constant({n, d}, 0), b = normal_constant({n, d}, 1);
  const Tensor av = a.value(), bv = b.value();
  const auto kernel = [&](const Tensor& s, std::int64_t i, const Tensor& t, std::int64_t j) {
    double r = 0;
    for (std::int64_t c = 0; c < d; ++c) r += std::pow(s.at(i * d + c) - t.at(j * d + c), 2);
    return 2.0 * d / (2.0 * d + r);
  };
  double within = 0, across = 0;
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < n; ++j) {
      if (i != j) within += (kernel(av, i, av, j) + kernel(bv, i, bv, j)) / (n * (n - 1));
      across += kernel(av, i, bv, j) / (n * n);
    }
  }
  CHECK(at(mmd_penalty(a, b)) == Approx(within - 2 * across).epsilon(1e-12));
  CHECK(at(mmd_penalty(normal_constant({1, d}, 0), normal_constant({1, d}, 1))) == 0);
  CHECK_THROWS_WITH_AS(mmd_penalty(a, normal_constant({n + 1, d}, 1)),
                       "mmd_penalty: shapes differ: z=[4, 3], prior=[5, 3]", Error);
}

TEST_CASE("corruption has the stated distribution, anew at each step, and none outside training") {
  const std::int64_t n = 40000;
  const Var x = full({n, 1}, 0.5);
  Step step = make_step(5);
  const auto shares = [&](const Corruption& c, double low, double high) {
    Step one = step;
    const Var y = corrupt(x, {c}, one);
    return std::pair{at(mean(less(y, full(y.shape(), low)))),
                     at(mean(greater(y, full(y.shape(), high))))};
  };
  const auto [masked, above] = shares({Noise::kMasking, 0.25}, 0.1, 0.6);
  CHECK(masked == Approx(0.25).epsilon(0.03));
  CHECK(above == 0);
  const auto [pepper, salt] = shares({Noise::kSaltAndPepper, 0.3}, 0.1, 0.9);
  CHECK(pepper == Approx(0.15).epsilon(0.04));
  CHECK(salt == Approx(0.15).epsilon(0.04));
  const auto [low, high] = shares({Noise::kGaussian, 0.2}, 0.3, 0.7);
  CHECK(low == Approx(0.1587).epsilon(0.04));
  CHECK(high == Approx(0.1587).epsilon(0.04));
  const auto [left, right] = shares({Noise::kCauchy, 0.1}, 0.4, 0.6);  // its quartiles
  CHECK(left == Approx(0.25).epsilon(0.03));
  CHECK(right == Approx(0.25).epsilon(0.03));

  const Var noisy = corrupt(x, {{Noise::kGaussian, 0.2}}, step);
  const double first = at(noisy);
  step.step.assign(Tensor::from<std::int32_t>({1}, Shape{}));
  CHECK(at(noisy) != first);
  CHECK_THROWS_WITH_AS(corrupt(x, {{Noise::kGaussian, 0.2}}, step),
                       "step: the draws corruption.0 are another's in this step: give the layer or "
                       "model a name, or a LabelScope, of its own",
                       Error);
  step.training = false;
  CHECK(corrupt(x, {{Noise::kGaussian, 0.2}}, step).same(x));
}
