// The museum of wrong penalties: mistakes that have shipped elsewhere, as mathematics and in our
// own code, and for each the check of ours that tells it from the right one.

#include <doctest/doctest.h>

#include <cmath>

#include "ae/model/objective.h"
#include "ae/papers/penalties.h"
#include "ae/papers/vae.h"
#include "autograd/check/gradcheck.h"
#include "autograd/graph/op.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using namespace hourglass::ae;
using doctest::Approx;
using testing::at;
using testing::f64;
using testing::kF64;

namespace {

Var normal_parameter(const Shape& shape, std::uint32_t stream, double deviation = 1) {
  return parameter(normal(key_of(4), {"random", stream}, 0, shape, 0, deviation, kF64));
}

// The squared Frobenius norm of the encoder's Jacobian at one image, from values of the encoder
// alone: what any penalty that claims to be it must agree with.
double frobenius_by_differences(const Encoder& encode, const Tensor& image) {
  const double step = 1e-5;
  double total = 0;
  for (std::int64_t i = 0; i < image.elements(); ++i) {
    Tensor up = image.clone(), down = image.clone();
    up.data<double>()[i] += step;
    down.data<double>()[i] -= step;
    const Tensor hu = encode(constant(up)).value(), hd = encode(constant(down)).value();
    for (std::int64_t k = 0; k < hu.elements(); ++k) {
      total += std::pow((hu.at(k) - hd.at(k)) / (2 * step), 2);
    }
  }
  return total;
}

// The penalty of one sigmoid layer h = sigmoid(w x) at one image, sum of v^2 |w|^2, v = h (1 - h),
// as an op whose rule is somebody's gradient. d/dw_ji = 2 v^2 w_ji + 2 v^2 (1 - 2 h) x_i |w_j|^2.
void contraction(const KernelCall& k) {
  const double *w = k.inputs[0].as<double>(), *x = k.inputs[1].as<double>();
  const std::int64_t units = (*k.inputs[0].shape)[0], width = (*k.inputs[0].shape)[1];
  double total = 0;
  for (std::int64_t j = 0; j < units; ++j) {
    double a = 0, norm = 0;
    for (std::int64_t i = 0; i < width; ++i) {
      a += w[j * width + i] * x[i];
      norm += w[j * width + i] * w[j * width + i];
    }
    const double h = 1 / (1 + std::exp(-a));
    total += h * h * (1 - h) * (1 - h) * norm;
  }
  k.output.as<double>()[0] = total;
}

TensorType scalar_type(const Call& c) { return {Shape{}, c[0].dtype()}; }

Var contraction_gradient(const Var& w, const Var& x, const Var& last) {
  const Var h = sigmoid(matmul(w, reshape_to(x, {-1, 1})));  // [H, 1]
  return 2 * square(h * (1 - h)) * (w + (1 - 2 * h) * last);
}

const Op& contraction_op = define({
    .name = "test_contraction",
    .type = scalar_type,
    .kernel = contraction,
    .vjp = {[](const Call& c, const Var& g) {
              const Var norms = sum(square(c[0]), {1}, true);
              return g * contraction_gradient(c[0], c[1], reshape_to(c[1], {1, -1}) * norms);
            },
            kZero},
});
const Op& cubed_op = define({
    .name = "test_contraction_cubed",
    .type = scalar_type,
    .kernel = contraction,
    .vjp = {[](const Call& c, const Var& g) {
              return g * contraction_gradient(c[0], c[1], c[0] * square(c[0]));
            },
            kZero},
});

// The relative error of the gradient with w^3 at weights of this size.
double error_of_cubes(double scale) {
  const Var w = normal_parameter({6, 20}, 0, scale);
  const Var x = constant(uniform(key_of(4), "x", 0, {20}, 0, 1, kF64));
  const Var right = grad(apply(contraction_op, {w, x}), w);
  const Var wrong = grad(apply(cubed_op, {w, x}), w);
  return at(norm(wrong - right)) / at(norm(right));
}

// KL(rho || mean activation) of a layer, whose "gradient" only nudges the bias towards rho: value
// and rule of a penalty that leaves the weights alone.
void nothing_moves(const KernelCall& k) {
  for (std::int64_t i = 0; i < k.elements(); ++i) {
    k.output.as<double>()[i] = k.inputs[0].as<double>()[i];
  }
}
const Op& nudge_op = define({
    .name = "test_weights_left_alone",
    .type = same_as_first,
    .kernel = nothing_moves,
    .vjp = {[](const Call&, const Var& g) { return g * 0; }},
});

// The gradient that a term of an objective has, as a norm: what training reports by name.
double pull(const nn::Term& term, const std::vector<Var>& parameters) {
  Var total = constant(0, term.value.dtype());
  for (const Var& g : grad(term.weight * term.value, parameters)) total = total + sum(square(g));
  return std::sqrt(at(total));
}

}  // namespace

TEST_CASE("museum: a Jacobian summed before it is squared is 0 where 2 is right") {
  const Var x = f64({0.7}, {1, 1}), w = f64({1, -1}, {2, 1});
  const auto encode = [&](const Var& v) { return matmul(v, w, false, true); };
  const Var wrong = sum(square(grad(sum(encode(x)), x)));
  const double truth = frobenius_by_differences(encode, x.value());
  CHECK(truth == Approx(2));
  CHECK(at(wrong) == 0);
  CHECK(at(contractive_penalty(encode(x), x)) == Approx(truth));
}

TEST_CASE(
    "museum: w^3 in place of x sum w^2 hides at small weights and is flagged at trained ones") {
  CHECK(error_of_cubes(0.01) < 0.01);
  CHECK(error_of_cubes(0.5) > 0.3);
  const Var x = constant(uniform(key_of(4), "x", 0, {20}, 0, 1, kF64));
  const Var w = normal_parameter({3, 20}, 0, 0.5);
  CHECK(gradcheck(apply(contraction_op, {w, x}), {w}).passed);
  const CheckReport report = gradcheck(apply(cubed_op, {w, x}), {w});
  CHECK_FALSE(report.passed);
  CHECK(report.findings[0].outcome == CheckOutcome::kWrong);
  // The engine's own, from batch_jacobian, is the right one.
  const Var row = reshape_to(x, {1, -1});
  const Var penalty = contractive_penalty(sigmoid(matmul(row, w, false, true)), row);
  CHECK(at(norm(grad(penalty, w) - grad(apply(contraction_op, {w, x}), w))) < 1e-12);
}

TEST_CASE("museum: a KL held below a capacity of 0 is gone, and its term pulls at nothing") {
  const Posterior q{normal_parameter({4, 2}, 0), normal_parameter({4, 2}, 1)};
  const Var kl = kl_with_free_bits(q, 0);
  const nn::Term wrong{"kl", minimum(kl, constant(0, kF64)), 4};
  CHECK(at(wrong.value) == 0);
  CHECK(pull(wrong, {q.mean, q.log_variance}) == 0);
  CHECK(pull({"kl", kl, 4}, {q.mean, q.log_variance}) > 0.1);
}

TEST_CASE("museum: a KL averaged over dimensions is the closed form divided by their number") {
  const Posterior q{normal_parameter({4, 20}, 0), zeros_like(normal_parameter({4, 20}, 1))};
  const Var wrong = mean(kl_standard_normal(q.mean, q.log_variance));
  const double truth = at(sum(square(q.mean))) / 2 / 4;  // |mean|^2 / 2 at variance 1
  CHECK(at(kl_with_free_bits(q, 0)) == Approx(truth));
  CHECK(at(wrong) == Approx(truth / 20));
  CHECK(std::abs(at(wrong) - truth) > 0.9 * truth);
}

TEST_CASE("museum: a beta that is accepted and never used changes nothing, ours changes the loss") {
  const Tensor images = uniform(key_of(2), "images", 0, {4, 6}, 0, 1, DType::kF32);
  const auto loss = [&](double beta, bool used) {
    const Spec spec{.encoder = {6, 2}, .loss = Loss::kBce, .rule = Gaussian{.beta = beta}};
    Autoencoder model = make_autoencoder(spec, 1);
    if (!used) model.spec.rule = Gaussian{};
    Step step = make_step(3);
    return objective(model, constant(images), step).loss.value().item();
  };
  CHECK(loss(1, false) == loss(4, false));
  CHECK(std::abs(loss(1, true) - loss(4, true)) > 0.01);
  // Used, but with a weight that a typo turned to 0: the term has a value and no gradient.
  const Posterior q{normal_parameter({4, 2}, 0), normal_parameter({4, 2}, 1)};
  CHECK(pull({"kl", kl_with_free_bits(q, 0), 0}, {q.mean, q.log_variance}) == 0);
}

TEST_CASE("museum: a nudge of the bias is not the gradient of a sparsity penalty") {
  const Var x = constant(uniform(key_of(4), "x", 0, {8, 5}, 0, 1, kF64));
  const Var w = normal_parameter({3, 5}, 0), b = normal_parameter({3}, 2);
  const auto penalty = [&](const Var& weight) {
    return kl_sparsity(sigmoid(matmul(x, weight, false, true) + b), 0.05);
  };
  CHECK(gradcheck(penalty(w), {w, b}).passed);
  const Var wrong = penalty(apply(nudge_op, {w}));
  CHECK(at(wrong) == Approx(at(penalty(w))));  // the value looks right
  CHECK_FALSE(gradcheck(wrong, {w, b}).passed);
  CHECK(at(norm(grad(wrong, w))) == 0);
  CHECK(at(norm(grad(penalty(w), w))) > 0.1);
}
