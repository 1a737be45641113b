#include "ae/measure/inspect.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ae/papers/vae.h"
#include "autograd/ops/ops.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using testing::noise;

namespace {

// code = W x with W = [[3, 0], [0, 4]]: ||J||_F = 5 everywhere.
Var doubled(const ae::Batch& b) {
  return matmul(b.images, constant(Tensor::from<float>({3, 0, 0, 4}, {2, 2})), false, true);
}

Var same(const ae::Batch& b) { return b.images; }

}  // namespace

TEST_CASE(
    "the Jacobian's norm of a linear encoder is its weights', of each row of several batches") {
  for (double norm : ae::jacobian_norms(doubled, {noise(7, 2)})) CHECK(norm == doctest::Approx(5));
  const auto squared = [](const ae::Batch& b) { return square(b.images); };
  const std::vector<double> norms =
      ae::jacobian_norms(squared, {Tensor::from<float>({3, 4, 0, 0}, {2, 2})});
  CHECK(norms[0] == doctest::Approx(10));
  CHECK(norms[1] == 0);
}

TEST_CASE(
    "noise of deviation s costs a model that copies s^2 a pixel, and one that ignores nothing") {
  const Tensor images = noise(600, 40);
  const auto copied = ae::noise_tolerance(same, {images}, 1);
  REQUIRE(copied.size() == 6);
  CHECK(copied[0].name == "0");
  CHECK(copied[0].value == 0);
  CHECK(copied[3].name == "0.3");
  CHECK(copied[3].value == doctest::Approx(0.09).epsilon(0.03));
  const auto flat =
      ae::noise_tolerance([](const ae::Batch& b) { return 0 * b.images + 0.5; }, {images}, 1);
  CHECK(flat[5].value == doctest::Approx(flat[0].value).epsilon(1e-6));
}

TEST_CASE("the inspector gives each weighted term's gradient norm: an unused beta shows as 0") {
  const Var w = parameter(Tensor::from<float>({3, 4}, {2})).named("w");
  const Var beta = parameter(Tensor::scalar(2)).named("beta");
  const nn::ObjectiveFunction objective = [&](const nn::Batch&, Step&) {
    return nn::make_objective({{"decay", sum(square(w)), 0.5}, {"never", 0 * sum(beta)}});
  };
  ae::Inspector inspector(objective, {w}, {doubled, same, {}}, {noise(20, 2)}, 1);
  const ae::Diagnostics diagnostics = inspector.measure();
  REQUIRE(diagnostics.gradient_norms.size() == 2);
  CHECK(diagnostics.gradient_norms[0].name == "decay");
  CHECK(diagnostics.gradient_norms[0].value == doctest::Approx(5));  // of w itself
  CHECK(diagnostics.gradient_norms[1].value == 0);
  CHECK(diagnostics.jacobian_norm == doctest::Approx(5));
  CHECK(diagnostics.code.active_units == 2);
  CHECK(diagnostics.kl_per_dimension.empty());
  // It reads the parameters as they are when asked.
  w.assign(Tensor::from<float>({6, 8}, {2}));
  CHECK(inspector.measure().gradient_norms[0].value == doctest::Approx(10));
}

TEST_CASE("the gradient of a term with a ramp is that of its weight after so many updates") {
  const Var w = parameter(Tensor::from<float>({3, 4}, {2})).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch&, Step& step) {
    return nn::make_objective({{"decay", sum(square(w)), 0.5, ae::warm_up(step, 10)}});
  };
  ae::Inspector inspector(objective, {w}, {doubled, same, {}}, {noise(20, 2)}, 1);
  CHECK(inspector.measure(0).gradient_norms[0].value == 0);
  CHECK(inspector.measure(4).gradient_norms[0].value == doctest::Approx(2));  // 0.4 |w|
  CHECK(inspector.measure(30).gradient_norms[0].value == doctest::Approx(5));
}

TEST_CASE("the inspector's per-dimension KL is that of the posterior it is given") {
  const Var w = parameter(Tensor::scalar(1)).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch&, Step&) {
    return nn::make_objective({{"w", w}});
  };
  const auto posterior = [](const ae::Batch& b) {
    return std::pair(0 * b.images + 2.0, 0 * b.images);
  };
  ae::Inspector inspector(objective, {w}, {doubled, same, posterior}, {noise(20, 2)}, 1);
  const ae::Diagnostics diagnostics = inspector.measure();
  REQUIRE(diagnostics.kl_per_dimension.size() == 2);
  CHECK(diagnostics.kl_per_dimension[0] == doctest::Approx(2));  // mean^2 / 2
}

TEST_CASE("diagnostics of a class-conditional model give it each image's class") {
  const Var w = parameter(Tensor::scalar(1)).named("w");
  const nn::ObjectiveFunction objective = [&](const nn::Batch&, Step&) {
    return nn::make_objective({{"w", w}});
  };
  // Of class k everything is k times what it is: the Jacobian k I, the error of a copy (k - 1) x.
  const auto times = [](const ae::Batch& b) {
    return b.images * expand_dims(cast(b.labels, DType::kF32), 1);
  };
  const auto posterior = [&](const ae::Batch& b) {
    return std::pair(times({0 * b.images + 1.0, b.labels}), 0 * b.images);
  };
  const Tensor labels = Tensor::from<std::int32_t>({1, 3, 1, 3}, {4});
  const ae::Examples probe{Tensor::full({4, 2}, 0.5, DType::kF32), labels};
  ae::Inspector inspector(objective, {w}, {times, times, posterior}, probe, 1);
  const ae::Diagnostics diagnostics = inspector.measure();
  CHECK(diagnostics.jacobian_norm == doctest::Approx(2 * std::sqrt(2)));  // mean of 1 and 3
  CHECK(diagnostics.noise_tolerance[0].value == doctest::Approx(0.5));    // of 0 and (2 * 0.5)^2
  CHECK(diagnostics.kl_per_dimension[0] == doctest::Approx(2.5));         // of 1 / 2 and 9 / 2
  CHECK(ae::jacobian_norms(times, probe)[1] == doctest::Approx(3 * std::sqrt(2)));
  CHECK(ae::noise_tolerance(times, probe)[0].value == doctest::Approx(0.5));
}
