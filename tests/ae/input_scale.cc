#include "ae/model/input_scale.h"

#include <doctest/doctest.h>

#include <cmath>

#include "ae/measure/metrics.h"
#include "ae/model/model_file.h"
#include "ae/model/objective.h"
#include "ae/model/pca.h"
#include "ae/model/train.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/layers/model_file.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/random.h"
#include "tests/ae/support.h"
#include "tests/tools/program.h"

using namespace hourglass;
using namespace hourglass::ae;
using testing::kMissing;

namespace {

// Kelvin, metres, and a column that never changes.
Tensor weather(std::int64_t rows) {
  Tensor t = normal(key_of(5), "table", 0, {rows, 3}, 0, 1, DType::kF64);
  for (std::int64_t i = 0; i < rows; ++i) {
    double* row = t.data<double>() + 3 * i;
    row[0] = 300 + 10 * row[0];
    row[1] = 1e9 + row[1];
    row[2] = 273.15;
  }
  return t;
}

Spec spec_of(Scale scale, Missing missing = Missing::kNone) {
  return {
      .encoder = {3, 2}, .scale = scale, .missing = missing, .output = nn::Activation::kIdentity};
}

Autoencoder fitted(const Spec& spec, const Tensor& rows) {
  Autoencoder model = make_autoencoder(spec, 1);
  fit_input(model, rows);
  return model;
}

Tensor scaled(const Autoencoder& model, const Tensor& rows) {
  return model.scaled(constant(rows)).value();
}

}  // namespace

TEST_CASE("standardised columns have mean 0 and deviation 1; a constant one is 0, and comes back") {
  const Tensor rows = weather(500);
  const Autoencoder model = fitted(spec_of(Scale::kStandard), rows);
  CHECK(model.input.mean.tensor().at(2) == 273.15);
  CHECK(model.input.deviation.tensor().at(2) == 0);
  const Tensor x = scaled(model, rows);
  CHECK(x.dtype() == DType::kF32);
  for (std::int64_t j = 0; j < 2; ++j) {
    double sum = 0, squares = 0;
    for (std::int64_t i = 0; i < 500; ++i) {
      sum += x.at(3 * i + j);
      squares += x.at(3 * i + j) * x.at(3 * i + j);
    }
    CHECK(std::abs(sum / 500) < 1e-6);  // the mean of numbers near 1e9, in f64
    CHECK(squares / 500 == doctest::Approx(1).epsilon(1e-6));
  }
  const Tensor back = model.unscaled(constant(x)).value();
  CHECK(back.dtype() == DType::kF64);
  for (std::int64_t i = 0; i < rows.elements(); ++i) {
    if (i % 3 == 2) {
      CHECK(x.at(i) == 0);
      CHECK(back.at(i) == 273.15);
    } else {
      CHECK(std::abs(back.at(i) - rows.at(i)) < 1e-5);  // f32 of a few deviations
    }
  }
  // Whatever is decoded for it.
  CHECK(model.unscaled(constant(Tensor::full({1, 3}, 7))).value().at(2) == 273.15);
}

TEST_CASE("each scale is its formula, and is undone") {
  const Tensor rows = Tensor::from<double>({0, 4, 5, 2, 8, 5}, {2, 3});
  const auto values = [&](Scale scale) {
    return scaled(fitted(spec_of(scale), rows), rows).values();
  };
  using Numbers = std::vector<double>;
  CHECK(values(Scale::kStandard) == Numbers{-1, -1, 0, 1, 1, 0});
  CHECK(values(Scale::kMinmax) == Numbers{0, 0, 0, 1, 1, 0});
  CHECK(values(Scale::kNone) == rows.values());
  CHECK(values(Scale::kPixels) == rows.values());
  CHECK(values(Scale::kLog1p)[3] == doctest::Approx(std::log(3)));
  const Numbers rms = values(Scale::kRms);
  double squares = 0;
  for (double v : rms) squares += v * v;
  CHECK(squares / 2 == doctest::Approx(3));  // D a row, on average
  for (Scale scale : {Scale::kMinmax, Scale::kRms, Scale::kNone}) {
    const Autoencoder model = fitted(spec_of(scale), rows);
    const Tensor back = model.unscaled(model.scaled(constant(rows))).value();
    for (std::int64_t i = 0; i < 6; ++i) CHECK(back.at(i) == doctest::Approx(rows.at(i)));
  }
  // 16-bit pixels, and 8 bits under another scale than that of pixels.
  const Tensor deep = Tensor::from<std::int32_t>({0, 13107, 65535}, {1, 3});
  CHECK(pixels(constant(deep)).value().at(1) == doctest::Approx(0.2));
  const Tensor bytes = Tensor::from<std::uint8_t>({0, 4, 5, 2, 8, 5}, {2, 3});
  CHECK(scaled(fitted(spec_of(Scale::kStandard), bytes), bytes).values() ==
        values(Scale::kStandard));
}

TEST_CASE("the columns of a series are its channels, whatever the step") {
  Spec spec = spec_of(Scale::kStandard, Missing::kMask);
  spec.encoder = {6, 2};
  spec.input = {2, 3};
  const Tensor windows =
      Tensor::from<double>({1, 2, 3, 50, 50, 50, 3, 2, kMissing, 50, 50, 50}, {2, 6});
  const Autoencoder model = fitted(spec, windows);
  CHECK(model.input.mean.shape() == Shape{2});
  CHECK(model.input.mean.tensor().at(0) == doctest::Approx(2.2));
  CHECK(model.input.mean.tensor().at(1) == 50);
  const Tensor x = scaled(model, windows);
  CHECK(x.at(0) == doctest::Approx(-x.at(6) - 0.4 / model.input.deviation.tensor().at(0)));
  CHECK(x.at(2) == x.at(6));
  CHECK(x.at(8) == 0);
  CHECK(x.at(3) == 0);
  const Tensor back = model.unscaled(constant(x)).value();
  for (std::int64_t i = 0; i < 8; ++i) CHECK(back.at(i) == doctest::Approx(windows.at(i)));
}

TEST_CASE("of log1p the encoder sees logarithms and the loss the counts") {
  const Tensor counts = Tensor::from<std::int32_t>({0, 3, 9}, {1, 3});
  const Autoencoder model = make_autoencoder(spec_of(Scale::kLog1p), 1);
  const Var stored = constant(counts);
  const Var y = model.reconstruct(log1p(constant(Tensor::from<float>({0, 3, 9}, {1, 3}))));
  const double expected = mean(square(y - cast(stored, DType::kF32))).value().item();
  Step step = make_step(0, false);
  CHECK(objective(model, stored, step).loss.value().item() == doctest::Approx(expected));
  CHECK(reconstructions(model, {counts}).values() == y.value().values());
}

TEST_CASE("columns are found in parts as at once; what is missing does not count") {
  const Tensor rows = weather(100);
  ColumnStatistics once, parts;
  once.add(rows);
  for (std::int64_t i = 0; i < 100; i += 30)
    parts.add(rows.rows(i, std::min<std::int64_t>(i + 30, 100)));
  CHECK(once.mean().values() == parts.mean().values());
  CHECK(once.deviation().values() == parts.deviation().values());
  ColumnStatistics holes;
  holes.add(Tensor::from<double>({1, kMissing, kMissing, 3, 5, kMissing}, {2, 3}));
  CHECK(holes.mean().values() == std::vector<double>{2, 5, 0});
  CHECK(holes.deviation().values() == std::vector<double>{1, 0, 0});
  CHECK(holes.range().values() == std::vector<double>{2, 0, 0});
  CHECK(holes.rms() == doctest::Approx(std::sqrt(35.0 / 3)));
  ColumnStatistics small;
  small.add(Tensor::from<double>({0.1, -0.1}, {1, 2}));
  CHECK(small.rms() == doctest::Approx(0.1));
  CHECK_THROWS_WITH_AS(holes.add(Tensor::from<double>({1, 2, -INFINITY}, {1, 3})),
                       "columns: row 2, column 2 is -inf: expected a finite number", Error);
  CHECK_THROWS_WITH_AS(holes.add(Tensor({1, 4}, DType::kF64)),
                       "columns: expected rows [N, 3]: got [1, 4]", Error);
  Autoencoder model = make_autoencoder(spec_of(Scale::kStandard), 1);
  CHECK_THROWS_WITH_AS(fit_input(model, Tensor({2, 4}, DType::kF64)),
                       "fit_input: expected rows [N, 3], at least one: got [2, 4]", Error);
}

TEST_CASE("a missing entry is fed as the column's mean and costs nothing, exactly") {
  const Tensor rows = Tensor::from<double>({1, 10, 100, 3, 30, 300, 8, 20, 500}, {3, 3});
  const Tensor holes = Tensor::from<double>({1, 10, kMissing, 3, 30, kMissing}, {2, 3});
  for (Scale scale : {Scale::kStandard, Scale::kMinmax, Scale::kRms, Scale::kNone}) {
    CAPTURE(name_of(scale));
    Autoencoder model = fitted(spec_of(scale, Missing::kMask), rows);
    Tensor fed = holes.clone();
    fed.data<double>()[2] = fed.data<double>()[5] = 300;  // the mean
    CHECK(scaled(model, holes).values() == scaled(model, fed).values());
    if (scale == Scale::kStandard) CHECK(scaled(model, holes).at(2) == 0);
    Step step = make_step(0, false);
    const Var loss = objective(model, constant(holes), step).loss;
    // Of the same row without the column: a mean over the entries that are there.
    const Var x = model.scaled(constant(holes));
    const Var there = slice(square(model.reconstruct(x) - x), 1, {0, 2});
    CHECK(loss.value().item() == doctest::Approx(mean(there).value().item()).epsilon(1e-6));
    // The decoder's last column has no target: exactly no gradient.
    const nn::Linear& last = model.decoder.layers[0].linear;
    const std::vector<Tensor> g = evaluate(grad(loss, {last.bias, last.weight}));
    CHECK(g[0].at(2) == 0);
    CHECK(g[1].at(4) == 0);
    CHECK(g[1].at(5) == 0);
    CHECK(g[0].at(0) != 0);
  }
}

TEST_CASE("and so for sums an image, for metrics, and where a whole batch is missing") {
  Spec spec = spec_of(Scale::kStandard, Missing::kMask);
  spec.rule = Gaussian{};
  spec.loss = Loss::kGaussian;
  const Tensor rows = weather(20);
  const Autoencoder model = fitted(spec, rows);
  Tensor holes = rows.clone();
  for (std::int64_t i = 0; i < 20; ++i) holes.data<double>()[3 * i + 1] = kMissing;
  Step step = make_step(0, false);
  const Var x = model.scaled(constant(holes));
  const auto error = [&](std::int64_t column) {
    const Var y = model.reconstruct(x);
    return sum(square(slice(y - x, 1, {column, column + 1}))).value().item();
  };
  const std::vector<nn::NamedValue> metrics = reconstruction_metrics(model, holes);
  CHECK(metrics[0].value == doctest::Approx((error(0) + error(2)) / 40).epsilon(1e-5));
  CHECK(metrics[1].value == doctest::Approx((error(0) + error(2)) / 20).epsilon(1e-5));
  const double all = image_losses(model, {constant(rows)}, step).value().at(0);
  const double fewer = image_losses(model, {constant(holes)}, step).value().at(0);
  CHECK(std::isfinite(fewer));
  CHECK(all != fewer);
  const Autoencoder plain = fitted(spec_of(Scale::kStandard, Missing::kMask), rows);
  const Tensor nothing = Tensor::full({2, 3}, kMissing, DType::kF64);
  CHECK(objective(plain, constant(nothing), step).loss.value().item() == 0);
}

TEST_CASE("the numbers of a scale are found ahead of training, saved, and need no data again") {
  const test::TemporaryFolder folder;
  const Tensor rows = weather(200);
  Autoencoder model = make_autoencoder(spec_of(Scale::kStandard, Missing::kMask), 1);
  CHECK_FALSE(model.input.is_set());
  nn::check_trained(train(model, {rows}, {.epochs = 40, .batch = 20, .learning_rate = 1e-2}));
  CHECK(model.input.is_set());
  CHECK(model.trained_parameters().size() == 4);
  const std::string path = folder.path("model.safetensors");
  nn::save_parameters(path, nn::named_parameters(model));
  Autoencoder again = load_model(path, model.spec);
  CHECK(nn::named_parameters(again)[4].name == "input.mean");
  CHECK(nn::named_parameters(again)[5].name == "input.deviation");
  const Tensor kelvin = reconstructions(again, {rows});
  CHECK(kelvin.dtype() == DType::kF64);
  CHECK(kelvin.values() == reconstructions(model, {rows}).values());
  for (std::int64_t i = 0; i < 200; ++i) {
    CHECK(std::abs(kelvin.at(3 * i) - rows.at(3 * i)) < 1);  // of a deviation of 10
    CHECK(kelvin.at(3 * i + 2) == 273.15);
  }
}

TEST_CASE("what a model cannot give is judged in its own numbers") {
  const Tensor rows = weather(10);
  const auto refused = [&](Spec spec, const Tensor& data, const char* text) {
    Autoencoder model = make_autoencoder(spec, 1);
    CHECK_THROWS_WITH_AS(nn::check_trained(train(model, {data}, {.epochs = 1, .batch = 5})), text,
                         Error);
  };
  Spec bce = spec_of(Scale::kMinmax);
  bce.output = nn::Activation::kSigmoid;
  bce.loss = Loss::kBce;
  Autoencoder model = make_autoencoder(bce, 1);
  nn::check_trained(train(model, {rows}, {.epochs = 1, .batch = 5}));
  const Tensor two = Tensor::from<double>({0, 0, 0, 2, 0, 0}, {2, 3});
  bce.scale = Scale::kStandard;
  refused(bce, two, "train: row 0, column 0 of the examples is -1: the loss bce takes 0 to 1");
  refused(spec_of(Scale::kStandard), Tensor::from<double>({1, 2, 3, 1, kMissing, 3}, {2, 3}),
          "train: row 1, column 1 of the examples is nan: expected a finite number");
  refused(spec_of(Scale::kLog1p), Tensor::from<double>({0, 0, 0, 1, 2, -1}, {2, 3}),
          "train: row 1, column 2 of the examples is -inf: the encoder takes finite numbers");
}

TEST_CASE("a column whose deviation f64 cannot hold is refused by its number") {
  const auto refused = [](Scale scale, double a, double b, const char* text) {
    Autoencoder model = make_autoencoder(spec_of(scale), 1);
    const Tensor rows = Tensor::from<double>({1, a, 1e300, 2, b, 1e300}, {2, 3});
    CHECK_THROWS_WITH_AS(fit_input(model, rows), text, Error);
  };
  refused(Scale::kStandard, -1e200, 1e200,
          "scale: column 2: from -1e+200 to 1e+200, too much for f64: expected another unit, or "
          "the column left out");
  refused(Scale::kStandard, 0, 1e-200,
          "scale: column 2: from 0 to 1e-200, too little for f64: expected another unit, or the "
          "column left out");
  refused(Scale::kMinmax, -1e308, 1e308,
          "scale: column 2: from -1e+308 to 1e+308, too much for f64: expected another unit, or "
          "the column left out");
  refused(Scale::kRms, 1, 2,
          "scale: the numbers are too large to be squared in f64: expected another unit");
}

TEST_CASE("principal components of standardised rows are those of the standardised matrix") {
  const std::int64_t n = 120, d = 3;
  const Tensor rows = weather(n);
  const Autoencoder model = fitted(spec_of(Scale::kStandard), rows);
  const Pca pca = fit_pca(rows, model.input);
  // The correlation matrix in plain loops, and its eigenvalues by LAPACK.
  std::vector<double> covariance(9), values(3), vectors(9);
  const auto standard = [&](std::int64_t i, std::int64_t j) {
    const double deviation = model.input.deviation.tensor().at(j);
    return deviation == 0 ? 0 : (rows.at(i * d + j) - model.input.mean.tensor().at(j)) / deviation;
  };
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t a = 0; a < d; ++a) {
      for (std::int64_t b = 0; b < d; ++b) {
        covariance[static_cast<std::size_t>(a * d + b)] +=
            standard(i, a) * standard(i, b) / static_cast<double>(n);
      }
    }
  }
  kernels::symmetric_eigen(d, covariance.data(), values.data(), vectors.data());
  for (std::int64_t k = 0; k < d; ++k) {
    CHECK(std::abs(pca.variances.at(k) - values[static_cast<std::size_t>(d - 1 - k)]) <
          1e-6 * values[2]);
  }
  CHECK(pca.variances.at(2) == doctest::Approx(0));
  Autoencoder solved = fitted(spec_of(Scale::kStandard), rows);
  set_to_pca(solved, pca);  // two directions hold all there is
  const Tensor back = reconstructions(solved, {rows});
  for (std::int64_t i = 0; i < n; ++i) {
    CHECK(std::abs(back.at(3 * i) - rows.at(3 * i)) < 1e-4);
    CHECK(back.at(3 * i + 2) == 273.15);
  }
}
