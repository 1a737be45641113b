#include <doctest/doctest.h>

#include <cmath>

#include "ae/measure/code_metrics.h"
#include "ae/measure/latent.h"
#include "ae/model/pca.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/layers/losses.h"
#include "tests/autograd/support.h"

// A mean is a sum over n, rounded once more: not a product with a rounded 1 / n.

namespace hourglass {
namespace {

TEST_CASE("the mean of n ones is 1, for every n") {
  for (std::int64_t n = 1; n <= 1000; ++n) {
    const Var x = parameter(Tensor::full(Shape{n}, 1, DType::kF32));
    CHECK(mean(x).value().item() == 1);
    if (n % 37 != 4) continue;  // 41 among them
    const Var rows = parameter(Tensor::full(Shape{3, n}, 1, DType::kF32));
    const Var column = reshape(x, Shape{n, 1});
    const auto per_row = nn::Reduce::kSumFeaturesMeanExamples;
    const std::vector<Tensor> found =
        testing::run_both({mean(x), mean(rows, {1}), mean(square(2 - x)),
                           nn::reduce(column, per_row), mean(full(Shape{n}, 1)), variance(x, {})});
    for (std::size_t i = 0; i < 5; ++i) {
      for (double value : found[i].values()) CHECK(value == 1);
    }
    CHECK(found[5].item() == 0);
  }
}

TEST_CASE("a variance with a correction divides by what is left, an average by its window") {
  for (std::int64_t n = 2; n <= 60; ++n) {
    Tensor x(Shape{2 * n}, DType::kF32);
    for (std::int64_t i = 0; i < 2 * n; ++i) x.data<float>()[i] = i % 2 == 0 ? 1.0F : -1.0F;
    const float expected = static_cast<float>(2 * n) / static_cast<float>(2 * n - 1);
    CHECK(testing::run_both(variance(parameter(x), {}, false, 1)).item() == expected);
  }
  for (std::int64_t window : {3, 5, 6, 7}) {
    const Var ones = parameter(Tensor::full(Shape{1, 2, 14, 14}, 1, DType::kF32));
    const Var y = avg_pool2d(ones, {.kernel = {window, window}, .stride = {1, 1}});
    for (double value : testing::run_both(y).values()) CHECK(value == 1);
  }
}

TEST_CASE("a program and the interpreter agree on the deviation of a column that never changes") {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    for (double c : {0.1, 0.3, 1.7, 1234.567}) {
      for (std::int64_t n : {5, 41, 128, 1000}) {
        const Var x = parameter(Tensor::full(Shape{n, 3}, c, dtype));
        const Var spread = variance(x, {0});
        const Var slope = grad(sum(sqrt(spread + 1e-12)), x);
        const std::vector<Tensor> interpreted = evaluate({spread, slope});
        Program program = compile({spread, slope});
        const std::vector<Tensor>& compiled = program.run();
        CHECK(compiled[0].values() == interpreted[0].values());
        CHECK(interpreted[0].values() == std::vector<double>(3, 0.0));
        CHECK(compiled[1].values() == interpreted[1].values());
      }
    }
  }
}

TEST_CASE("statistics of a column that never changes are its number and no variance") {
  for (double c : {0.1, 0.7, 1e8 + 0.1}) {
    const Tensor data = Tensor::full(Shape{41, 3}, c, DType::kF64);
    const ae::CodeStatistics codes = ae::code_statistics(data);
    CHECK(codes.means == std::vector<double>(3, c));
    CHECK(codes.variances == std::vector<double>(3, 0.0));
    const ae::CodeNormal normal = ae::fit_normal(data);
    CHECK(normal.mean.values() == std::vector<double>(3, c));
    CHECK(normal.factor.values() == std::vector<double>(9, 0.0));
    const ae::Pca pca = ae::fit_pca(data);
    CHECK(pca.mean.values() == std::vector<double>(3, c));
    CHECK(pca.variances.values() == std::vector<double>(3, 0.0));
  }
}

}  // namespace
}  // namespace hourglass
