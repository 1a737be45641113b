#include "ae/measure/anomaly.h"

#include <doctest/doctest.h>

#include "tensor/error.h"
#include "tensor/random.h"

using namespace hourglass;

TEST_CASE("the error at a time step is the mean over its channels") {
  const ae::Autoencoder model = ae::make_autoencoder({.encoder = {6, 2}}, 3);
  const Tensor windows = uniform(key_of(1), "windows", 0, {4, 6}, 0, 1, DType::kF32);
  const Tensor errors = ae::column_errors(model, {windows});
  const Tensor steps = ae::step_errors(model, {windows}, 2);
  REQUIRE(steps.shape() == Shape{4, 1, 3});
  for (std::int64_t i = 0; i < 4; ++i) {
    for (std::int64_t t = 0; t < 3; ++t) {
      CHECK(steps.at(i * 3 + t) ==
            doctest::Approx((errors.at(i * 6 + t) + errors.at(i * 6 + 3 + t)) / 2));
    }
  }
  CHECK_THROWS_WITH_AS(ae::step_errors(model, {windows}, 4),
                       "step_errors: 4 channels do not divide windows of 6 numbers", Error);
}

TEST_CASE("a label says anomaly unless it is 0, or of a class that is called so or normal") {
  const auto found = [](const std::vector<std::int32_t>& labels,
                        const std::vector<std::string>& classes) {
    const auto count = static_cast<std::int64_t>(labels.size());
    return ae::labelled_anomalies({.kind = nn::DataKind::kRow,
                                   .examples = Tensor(Shape{count, 2}, DType::kF32),
                                   .labels = Tensor::from(labels, {count}),
                                   .classes = classes});
  };
  CHECK(found({0, 2, 0, 1}, {}) == std::vector<bool>{false, true, false, true});
  CHECK(found({0, 1}, {"attack", "normal"}) == std::vector<bool>{true, false});
  CHECK(found({0, 1}, {"-1", "0"}) == std::vector<bool>{true, false});
  CHECK(found({0, 1}, {"0.0", "0.5"}) == std::vector<bool>{false, true});
  CHECK(found({0, 1}, {"east", "west"}) == std::vector<bool>{true, true});
}
