// Tables of numbers and words: what becomes of columns that are categories.

#include <doctest/doctest.h>

#include <cmath>

#include "ae/measure/column_losses.h"
#include "ae/measure/impute.h"
#include "ae/measure/metrics.h"
#include "ae/model/fit_to.h"
#include "ae/model/objective.h"
#include "ae/model/stacked.h"
#include "ae/model/train.h"
#include "autograd/check/gradcheck.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tensor/random.h"
#include "tests/ae/support.h"

using namespace hourglass;
using namespace hourglass::ae;
using testing::kMissing;

namespace {

constexpr std::int64_t kMixedRows = 300, kWidth = 7;

// A number near 300, one of three words, a number, one of two words: all follow from one draw.
Tensor mixed_table() {
  const Tensor u = uniform(key_of(2), "mixed", 0, {kMixedRows});
  Tensor rows({kMixedRows, kWidth}, DType::kF64);
  for (std::int64_t i = 0; i < kMixedRows; ++i) {
    const double t = u.at(i);
    double* row = rows.data<double>() + kWidth * i;
    row[0] = 300 + 10 * t;
    row[1 + static_cast<int>(3 * t)] = 1;
    row[4] = -t;
    row[t < 0.75 ? 5 : 6] = 1;
  }
  return rows;
}

Spec mixed_spec() {
  return {.encoder = {kWidth, 16, 2},
          .scale = Scale::kStandard,
          .missing = Missing::kMask,
          .categories = {1, 3, 5, 2},
          .hidden = nn::Activation::kTanh,
          .output = nn::Activation::kIdentity};
}

Autoencoder fitted_to(const Tensor& rows, const Spec& spec = mixed_spec()) {
  Autoencoder model = make_autoencoder(spec, 1);
  fit_input(model, rows);
  return model;
}

const Autoencoder& trained_model() {
  static const Autoencoder trained = [] {
    Autoencoder model = fitted_to(mixed_table());
    nn::check_trained(
        train(model, {mixed_table()}, {.epochs = 60, .batch = 20, .learning_rate = 1e-2}));
    return model;
  }();
  return trained;
}

bool of_category(std::int64_t column) {
  return (column >= 1 && column < 4) || (column >= 5 && column < 7);
}

}  // namespace

TEST_CASE("categories stay 0 and 1 under every scale, and their columns are not scaled back") {
  const Tensor rows = mixed_table();
  for (const Scale scale :
       {Scale::kStandard, Scale::kMinmax, Scale::kRms, Scale::kLog1p, Scale::kNone}) {
    CAPTURE(name_of(scale));
    Spec spec = mixed_spec();
    spec.scale = scale;
    const Autoencoder model = fitted_to(rows, spec);
    const Tensor x = model.scaled(constant(rows)).value();
    const Tensor back = model.unscaled(constant(Tensor::full({1, kWidth}, 0.25))).value();
    for (std::int64_t i = 0; i < rows.elements(); ++i) {
      if (of_category(i % kWidth)) {
        CHECK(x.at(i) == rows.at(i));
        CHECK(back.at(i % kWidth) == 0.25);
      } else if (scale != Scale::kNone) {
        CHECK(x.at(i) != rows.at(i));
      }
    }
  }
}

TEST_CASE("a category has a softmax and its cross-entropy, all else the loss and the output") {
  const Tensor linear = normal(key_of(4), "linear", 0, {2, kWidth}, 0, 2, DType::kF64);
  const Tensor x = mixed_table().rows(0, 2);
  const LossInput in{.linear = constant(linear),
                     .output = nn::Activation::kSigmoid,
                     .x = constant(x),
                     .categories = {1, 3, 5, 2}};
  const Tensor error = elementwise_loss(Loss::kMse, in).value(),
               y = loss_output(Loss::kMse, in).value();
  for (std::int64_t i = 0; i < linear.elements(); ++i) {
    const std::int64_t row = i / kWidth * kWidth, c = i - row;
    CAPTURE(c);
    if (of_category(c)) {
      double total = 0;
      for (std::int64_t k = c < 4 ? 1 : 5; k < (c < 4 ? 4 : 7); ++k)
        total += std::exp(linear.at(row + k));
      const double p = std::exp(linear.at(i)) / total;
      CHECK(y.at(i) == doctest::Approx(p).epsilon(1e-12));
      CHECK(error.at(i) == doctest::Approx(-x.at(i) * std::log(p)).epsilon(1e-12));
    } else {
      const double s = 1 / (1 + std::exp(-linear.at(i)));
      CHECK(y.at(i) == doctest::Approx(s).epsilon(1e-12));
      CHECK(error.at(i) == doctest::Approx((s - x.at(i)) * (s - x.at(i))).epsilon(1e-12));
    }
  }
}

TEST_CASE("the gradient of a mixed model is right to the second order, whatever goes with it") {
  Tensor rows = mixed_table().rows(0, 5);
  for (std::int64_t c = 1; c < 4; ++c) rows.data<double>()[c] = kMissing;
  Spec tied = mixed_spec(), variational = mixed_spec();
  tied.encoder = {kWidth, 3};
  tied.tied = true;
  variational.encoder = {kWidth, 4, 2};
  variational.rule = Gaussian{.samples = 2};
  variational.loss = Loss::kLearntGaussian;
  for (const Spec& spec : {tied, variational}) {
    Autoencoder model = fitted_to(mixed_table(), spec);
    Step step = make_step(3);
    const nn::Objective o = objective(model, constant(rows), step);
    CHECK(gradgradcheck(o.loss, model.trained_parameters()).passed);
  }
}

TEST_CASE("a model of numbers and words learns both, and says so by column") {
  const Tensor rows = mixed_table();
  const std::vector<ColumnLoss> columns = column_losses(trained_model(), {rows});
  REQUIRE(columns.size() == 4);
  for (const std::size_t words : {1, 3}) {
    CHECK(columns[words].column.category);
    CHECK(columns[words].wrong < 0.03);
    CHECK(columns[words].loss < 0.15);
  }
  const Tensor y = reconstructions(trained_model(), {rows});
  double squares = 0, entropy = 0, wrong = 0;
  for (std::int64_t i = 0; i < kMixedRows; ++i) {
    const double* p = y.data<double>() + kWidth * i;
    const double* x = rows.data<double>() + kWidth * i;
    CHECK(p[1] + p[2] + p[3] == doctest::Approx(1).epsilon(1e-6));
    squares += (p[0] - x[0]) * (p[0] - x[0]);
    entropy -= std::log(x[5] == 1 ? p[5] : p[6]);
    wrong += (p[5] > p[6]) == (x[5] == 1) ? 0 : 1;
  }
  CHECK(columns[0].loss == doctest::Approx(squares / kMixedRows).epsilon(1e-4));
  CHECK(columns[0].loss < 0.5);  // of a variance of 8.3
  CHECK(columns[3].loss == doctest::Approx(entropy / kMixedRows).epsilon(1e-4));
  CHECK(columns[3].wrong == wrong / kMixedRows);
  CHECK(columns[3].entries == kMixedRows);
}

TEST_CASE("a missing word is fed as the words' frequencies, and costs nothing, exactly") {
  const Tensor rows = mixed_table();
  Tensor holes = rows.rows(0, 3).clone();
  for (std::int64_t i = 0; i < 3; ++i) {
    std::fill_n(holes.data<double>() + kWidth * i + 1, 3, kMissing);
  }
  Autoencoder model = fitted_to(rows);
  double red = 0;
  for (std::int64_t i = 0; i < kMixedRows; ++i) red += rows.at(kWidth * i + 1) / kMixedRows;
  CHECK(model.scaled(constant(holes)).value().at(1) == doctest::Approx(red).epsilon(1e-6));
  Step step = make_step(0, false);
  const Var loss = objective(model, constant(holes), step).loss;
  const Tensor g = grad(loss, model.decoder.layers.back().linear.bias).value();
  for (std::int64_t c = 0; c < kWidth; ++c) CHECK((g.at(c) == 0) == (c >= 1 && c < 4));
  const std::vector<ColumnLoss> columns = column_losses(model, {holes});
  CHECK(columns[1].entries == 0);
  CHECK(columns[1].loss == 0);
  CHECK(columns[1].wrong == 0);
  CHECK(columns[3].entries == 3);
}

TEST_CASE("a word that is missing is imputed, and hidden as one") {
  const Tensor rows = mixed_table();
  Tensor holes = rows.clone();
  for (std::int64_t i = 0; i < kMixedRows; ++i) {
    std::fill_n(holes.data<double>() + kWidth * i + 1, 3, kMissing);
  }
  const Tensor filled = impute(trained_model(), holes);
  int right = 0;
  for (std::int64_t i = 0; i < kMixedRows; ++i) {
    const auto at = [&](const Tensor& t) { return t.data<double>() + kWidth * i + 1; };
    right += word_of(at(filled), {1, 4, true}) == word_of(at(rows), {1, 4, true}) ? 1 : 0;
    CHECK(filled.at(kWidth * i + 5) == rows.at(kWidth * i + 5));
  }
  CHECK(right > 0.75 * kMixedRows);
  const std::vector<ImputationError> errors = imputation_errors(trained_model(), rows);
  REQUIRE(errors.size() == 4);
  for (const ImputationError& e : errors) {
    CHECK(e.entries > 10);
    CHECK(e.model < e.mean);
  }
  CHECK(errors[1].mean > 0.4);  // of three words that are as common
  CHECK(errors[1].mean <= 1);
  CHECK(errors[1].model > 0.1);  // were a part of the word left to see, it would be 0
}

TEST_CASE("categories follow the data, of rows alone, and no further than the first layer") {
  nn::DataSet data{.kind = nn::DataKind::kRow, .examples = mixed_table()};
  data.categories = {{"colour", 1, {"red", "green", "blue"}}, {"size", 5, {"s", "l"}}};
  const Spec preset{.encoder = {784, 30, 5}};
  const Spec spec = fit_to(preset, form_of(data));
  CHECK(spec.categories == std::vector<std::int64_t>{1, 3, 5, 2});
  CHECK(spec_from_json(to_json(spec)) == spec);
  check_stackable(spec);
  CHECK(layer_spec(spec, 0).categories == spec.categories);
  CHECK(layer_spec(spec, 1).categories.empty());
  data.kind = nn::DataKind::kActivations;
  CHECK(fit_to(preset, form_of(data)).categories.empty());
}

TEST_CASE("categories that cannot be are refused") {
  const auto refused = [](auto change, const std::string& text) {
    Spec spec = mixed_spec();
    change(spec);
    CHECK_THROWS_WITH_AS(check(spec), text.c_str(), Error);
  };
  const auto categories = [&](const std::vector<std::int64_t>& given, const std::string& text) {
    refused([&](Spec& s) { s.categories = given; }, "spec: categories" + text);
  };
  categories({1, 3, 5}, ": expected pairs of a first column and how many there are: got [1, 3, 5]");
  categories({1, 0}, ": expected each to have at least 1 column: got [1, 0]");
  categories({1, 3, 3, 2},
             ": expected them from left to right, none over another: got [1, 3, 3, 2]");
  categories({5, 3}, ": expected columns of a row of 7: got [5, 3]");
  categories({7, 1}, ": expected columns of a row of 7: got [7, 1]");
  categories({-1, 2}, " must be at least 0: got -1,2");
  refused(
      [](Spec& s) {
        s.loss = Loss::kPoisson;
        s.scale = Scale::kLog1p;
      },
      "spec: the loss poisson takes counts alone: there are categories");
  refused([](Spec& s) { s.binarize = Binarize::kStatic; },
          "spec: binarize is of pixels: it is static and there are categories");
  refused(
      [](Spec& s) {
        s.input = {1, 7};
      },
      "spec: categories are columns of rows: the input is a series of 1 channel and 7 steps");
}

TEST_CASE("a row is ranges of numbers and of categories, none of them empty") {
  const auto ends = [](const std::vector<std::int64_t>& categories, std::int64_t width) {
    std::vector<std::int64_t> all;
    for (const ColumnRange& range : column_ranges(categories, width)) {
      all.insert(all.end(), {range.first, range.last, range.category ? 1 : 0});
    }
    return all;
  };
  using Ends = std::vector<std::int64_t>;
  CHECK(ends({}, 4) == Ends{0, 4, 0});
  CHECK(ends({0, 3, 3, 2}, 5) == Ends{0, 3, 1, 3, 5, 1});
  CHECK(ends({1, 2, 5, 2}, 8) == Ends{0, 1, 0, 1, 3, 1, 3, 5, 0, 5, 7, 1, 7, 8, 0});
}
