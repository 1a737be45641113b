#include "ae/measure/code_metrics.h"

#include <doctest/doctest.h>

#include <cmath>

#include "tensor/error.h"

using namespace hourglass;

TEST_CASE("code statistics tell active from dead units and count zeros") {
  // Unit 0 varies by +-1, unit 1 by +-0.05, unit 2 is always 0, unit 3 always 7.
  const Tensor codes = Tensor::from<float>({1, 0.05F, 0, 7, -1, -0.05F, 0, 7}, {2, 4});
  const ae::CodeStatistics s = ae::code_statistics(codes);
  CHECK(s.means[3] == 7);
  CHECK(s.variances[0] == 1);
  CHECK(s.variances[1] == doctest::Approx(0.0025));
  CHECK(s.active_units == 1);
  CHECK(s.dead_units == 2);
  CHECK(s.zeros == 0.25);
}

TEST_CASE("a unit is active from a variance of 0.01 on, as Burda et al. count them") {
  const auto active = [](double variance) {
    const double x = std::sqrt(variance);
    return ae::code_statistics(Tensor::from<double>({x, -x}, {2, 1})).active_units;
  };
  CHECK(active(0.0099) == 0);
  CHECK(active(0.0101) == 1);
}

TEST_CASE("Hoyer's sparseness is 1 for one unit alone, 0 for all alike and in between as defined") {
  const auto of = [](const std::vector<double>& code) {
    const std::int64_t width = static_cast<std::int64_t>(code.size());
    return ae::code_statistics(Tensor::from<double>(code, {1, width})).sparseness;
  };
  CHECK(of({0, 0, -3, 0}) == doctest::Approx(1));
  CHECK(of({2, 2, -2, 2}) == doctest::Approx(0).scale(1));
  CHECK(of({1, 1, 0, 0}) == doctest::Approx((2 - std::sqrt(2.0)) / (2 - 1)));
  CHECK(of({0, 0, 0, 0}) == 0);
  CHECK(of({5}) == 0);
}

TEST_CASE("the KL of each dimension is that of its normal, and 0 where it is the prior") {
  const Tensor means = Tensor::from<double>({2, 0, 0, 0}, {2, 2});
  const Tensor logs = Tensor::from<double>({0, 0, std::log(4.0), 0}, {2, 2});
  const std::vector<double> kl = ae::kl_per_dimension(means, logs);
  CHECK(kl[0] == doctest::Approx((2.0 + (4 - 1 - std::log(4.0)) / 2) / 2).epsilon(1e-14));
  CHECK(kl[1] == 0);
  // Summed over dimensions it is an image's KL: averaging would divide it by their number.
  CHECK_THROWS_WITH_AS(ae::kl_per_dimension(means, Tensor({2, 3}, DType::kF64)),
                       "kl_per_dimension: shapes differ: means=[2, 2], log_variances=[2, 3]",
                       Error);
}

TEST_CASE("class means average the codes of each label") {
  const Tensor codes = Tensor::from<float>({1, 2, 3, 4, 5, 6}, {3, 2});
  const Tensor labels = Tensor::from<std::int32_t>({2, 0, 2}, {3});
  CHECK(ae::class_means(codes, labels, 3).values() == std::vector<double>{3, 4, 0, 0, 3, 4});
  CHECK_THROWS_WITH_AS(ae::class_means(codes, labels, 2), "class_means: label 2 for 2 classes",
                       Error);
}

TEST_CASE("a codebook's perplexity is how many entries are used, where all are used alike") {
  const auto of = [](const std::vector<std::int32_t>& indices) {
    return ae::codebook_use(Tensor::from(indices, {static_cast<std::int64_t>(indices.size())}), 4);
  };
  CHECK(of({0, 1, 2, 3}).perplexity == doctest::Approx(4));
  CHECK(of({2, 2, 2}).perplexity == doctest::Approx(1));
  CHECK(of({1, 3, 1, 3}).used == 2);
  const ae::CodebookUse use = of({3, 0, 3, 3});
  CHECK(use.shares == std::vector<double>{0.25, 0, 0, 0.75});
  CHECK(use.perplexity == doctest::Approx(std::pow(4, 0.25) * std::pow(4.0 / 3, 0.75)));
  CHECK_THROWS_WITH_AS(of({0, 4}), "codebook_use: index 4 of a codebook of 4", Error);
  CHECK_THROWS_WITH_AS(of({}), "codebook_use: there is no index", Error);
}
