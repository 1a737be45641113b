#include "ae/measure/classifier.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ae/model/train.h"
#include "nn/data/digits.h"
#include "tensor/error.h"

using namespace hourglass;

TEST_CASE("softmax regression on one indicator a class learns the classes' frequencies") {
  // Feature j is 1 for group j: the optimum's probabilities are the groups' label frequencies.
  const Tensor features = Tensor::from<float>({1, 0, 1, 0, 1, 0, 1, 0, 0, 1, 0, 1}, {6, 2});
  const Tensor labels = Tensor::from<std::int32_t>({0, 0, 0, 1, 2, 2}, {6});
  const nn::Linear top = ae::fit_softmax_regression(
      features, labels, 3,
      {.epochs = 400, .batch = 6, .learning_rate = 0.1, .optimizer = {.adam = {.l2 = 1e-4}}});
  const std::vector<double> z = top(constant(Tensor::from<float>({1, 0}, {1, 2}))).value().values();
  CHECK(1 / (1 + std::exp(z[1] - z[0]) + std::exp(z[2] - z[0])) ==
        doctest::Approx(0.75).epsilon(0.01));
  CHECK(ae::classification_error(top, features, labels) == doctest::Approx(1.0 / 6));
}

TEST_CASE("a linear classifier of built-in digits' pixels is right far above chance") {
  const nn::DataSet digits = nn::digits(1000, 3);
  const Tensor x = ae::pixels(constant(digits.rows())).value();
  const nn::Linear top =
      ae::fit_softmax_regression(x, digits.labels, 10, {.epochs = 20, .batch = 50});
  CHECK(ae::classification_error(top, x, digits.labels) < 0.1);
}

TEST_CASE("logits that are not finite decide nothing, and a fit that diverges is an error") {
  const float kNaN = std::nanf(""), kInf = INFINITY;
  const Tensor logits = Tensor::from<float>({kNaN, 0, kInf, 0, 1, 0, 0, -kInf}, {4, 2});
  const Tensor labels = Tensor::from<std::int32_t>({0, 0, 0, 0}, {4});
  const auto same = [](const Var& rows) { return rows; };
  CHECK(ae::classification_error(same, logits, labels) == 0.75);
  const Tensor ones = Tensor::full({4, 2}, 1, DType::kF32);
  CHECK_THROWS_WITH_AS(ae::fit_softmax_regression(ones, labels, 2, {.learning_rate = 1e300}),
                       "train: the new value of parameter classifier.weight is not finite at step "
                       "1 (epoch 1), first in parameter f32 [] learning_rate: the weights are "
                       "those of the last good step",
                       Error);
}

TEST_CASE("labels that do not fit are refused") {
  const Tensor x = Tensor({4, 2}, DType::kF32);
  const auto fit = [&](const Tensor& labels) { ae::fit_softmax_regression(x, labels, 3, {}); };
  CHECK_THROWS_WITH_AS(fit(Tensor::from<std::int32_t>({0, 1, 3, 0}, {4})),
                       "classifier: label 3 for 3 classes: expected 0 to 2", Error);
  CHECK_THROWS_WITH_AS(fit(Tensor::from<std::int32_t>({0, 1, -1, 0}, {4})),
                       "classifier: labels must not be negative: got -1", Error);
  CHECK_THROWS_WITH_AS(fit(Tensor::from<std::int32_t>({0, 1}, {2})),
                       "classifier: needs a label a row: rows=[4, 2], labels=[2]", Error);
  CHECK_THROWS_WITH_AS(fit(Tensor()), "classifier: needs a label a row: rows=[4, 2], labels=none",
                       Error);
  CHECK_THROWS_WITH_AS(ae::likeliest_classes(ae::make_autoencoder({.encoder = {2, 1}}, 1), x),
                       "classifier: the model is not class-conditional", Error);
}

TEST_CASE("a class-conditional model says which one explains an unseen digit" *
          doctest::test_suite("long")) {
  const nn::DataSet learn = nn::digits(2000, 1), test = nn::digits(300, 2);
  ae::Spec spec{.encoder = {784, 128, 4}, .loss = ae::Loss::kBce};
  spec.rule = ae::Gaussian{};
  CHECK_THROWS_WITH_AS(ae::likeliest_classes(ae::make_autoencoder(spec, 1), test.rows()),
                       "classifier: the model is not class-conditional", Error);
  spec.classes = 10;
  ae::Autoencoder model = ae::make_autoencoder(spec, 1);
  nn::check_trained(ae::train(model, {learn.rows(), learn.labels},
                              {.epochs = 15, .batch = 50, .learning_rate = 2e-3, .threads = 1}));
  const Tensor chosen = ae::likeliest_classes(model, test.rows());
  std::int64_t right = 0;
  for (std::int64_t i = 0; i < 300; ++i) right += chosen.at(i) == test.labels.at(i);
  CHECK(right > 210);  // a tenth by chance
}
