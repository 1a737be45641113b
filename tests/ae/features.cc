#include "ae/measure/features.h"

#include <doctest/doctest.h>

#include <cmath>
#include <memory>

#include "tensor/error.h"

using namespace hourglass;

TEST_CASE("columns are brought to mean 0 and deviation 1 of what was learnt from") {
  const Tensor learnt = Tensor::from<float>({1, 7, 3, 7}, {2, 2});
  const Tensor others = Tensor::from<double>({4, 9, 2, 7, 0, 5}, {3, 2});
  const ae::Standardised standardised(learnt);
  CHECK(standardised(learnt).tensor().values() == std::vector<double>{-1, 0, 1, 0});
  CHECK(standardised(others).tensor().values() == std::vector<double>{2, 0, 0, 0, -2, 0});
  CHECK(standardised(others).dtype() == DType::kF32);
  CHECK_THROWS_WITH_AS(standardised(Tensor({2, 3}, DType::kF32)),
                       "standardised: learnt from rows of 2 numbers: got [2, 3]", Error);
}

TEST_CASE("tf-idf is by its formula, of rows of length 1, dense and sparse alike") {
  // Three documents, of which 3, 1 and 0 have the words.
  const Tensor counts = Tensor::from<std::int32_t>({1, 0, 0, 2, 3, 0, 5, 0, 0}, {3, 3});
  const double a = std::log(4.0 / 4) + 1, b = std::log(4.0 / 2) + 1, c = std::log(4.0 / 1) + 1;
  for (const bool damped : {false, true}) {
    const ae::TfIdf tf_idf(counts, damped);
    const Tensor found = tf_idf(counts);
    const double x = (damped ? 1 + std::log(2) : 2) * a, y = (damped ? 1 + std::log(3) : 3) * b;
    CHECK(found.at(0) == doctest::Approx(1));
    CHECK(found.at(3) == doctest::Approx(x / std::hypot(x, y)));
    CHECK(found.at(4) == doctest::Approx(y / std::hypot(x, y)));
    CHECK(found.at(5) == 0);
    // A word that no document had counts the most; a row without words stays one.
    const Tensor other = tf_idf(Tensor::from<std::int32_t>({0, 1, 1, 0, 0, 0}, {2, 3}));
    CHECK(other.at(2) / other.at(1) == doctest::Approx(c / b));
    CHECK(other.at(3) == 0);

    auto sparse = std::make_shared<nn::CsrMatrix>();
    sparse->width = 3;
    sparse->values = {1, 2, 3, 5};
    sparse->columns = {0, 0, 1, 0};
    sparse->row_starts = {0, 1, 3, 4};
    const nn::Rows rows(sparse, DType::kI32);
    CHECK(ae::TfIdf(rows, damped)(rows).tensor().identical(found));
  }
  const ae::TfIdf tf_idf(counts);
  CHECK_THROWS_WITH_AS(tf_idf(Tensor({2, 4}, DType::kF32)),
                       "tf-idf: learnt from rows of 3 numbers: got [2, 4]", Error);
}
