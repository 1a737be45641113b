#include "ae/measure/ranking.h"

#include <doctest/doctest.h>

#include <limits>

#include "tensor/error.h"

using namespace hourglass;

namespace {

using Numbers = std::vector<double>;
using Flags = std::vector<bool>;

}  // namespace

// scikit-learn 1.5: roc_auc_score and average_precision_score of the same numbers.
TEST_CASE("ranking measures have the values of their definitions, ties included") {
  const Numbers scores = {0.1, 0.4, 0.35, 0.8};
  const Flags positive = {false, false, true, true};
  CHECK(ae::roc_auc(scores, positive) == doctest::Approx(0.75));
  CHECK(ae::average_precision(scores, positive) == doctest::Approx(5.0 / 6));
  const Numbers tied = {1, 1, 1, 0};
  const Flags two = {true, false, true, false};
  CHECK(ae::roc_auc(tied, two) == doctest::Approx(0.75));
  CHECK(ae::average_precision(tied, two) == doctest::Approx(2.0 / 3));
  CHECK(ae::roc_auc({2, 2, 2, 2}, two) == doctest::Approx(0.5));
  CHECK(ae::roc_auc({0, 1}, {true, false}) == 0);
  CHECK(ae::f1(scores, positive, 0.35) == doctest::Approx(0.5));
  CHECK(ae::f1(scores, positive, 0.3) == doctest::Approx(0.8));
}

TEST_CASE("a quantile lies between its neighbours in proportion") {
  CHECK(ae::quantile({3, 1, 2}, 0.5) == 2);
  CHECK(ae::quantile({0, 10}, 0.25) == doctest::Approx(2.5));
  CHECK(ae::quantile({7}, 1) == 7);
}

TEST_CASE("what cannot be ranked is said") {
  CHECK_THROWS_WITH_AS(ae::roc_auc({1, 2}, {true}), "roc_auc: 2 scores and 1 labels", Error);
  CHECK_THROWS_WITH_AS(ae::average_precision({1, 2}, {true, true}),
                       "average_precision: needs examples of both classes: 2 positive, 0 others",
                       Error);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK_THROWS_WITH_AS(ae::roc_auc({1, nan}, {true, false}),
                       "roc_auc: score 1 is nan: expected finite numbers", Error);
  CHECK_THROWS_WITH_AS(ae::quantile({}, 0.5), "quantile: there are no numbers", Error);
  CHECK_THROWS_WITH_AS(ae::quantile({1}, 1.5), "quantile: expected 0 to 1: got 1.5", Error);
}
