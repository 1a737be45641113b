#include "ae/measure/ranking.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
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

// By hand: one anomaly, an alarm a step early, then the anomaly itself.
TEST_CASE("VUS-PR gives an alarm beside an anomaly a part, and finds ranges, not steps") {
  const Numbers scores = {0.1, 0.9, 0.8, 0.2, 0.3};
  const Flags positive = {false, false, true, false, false};
  CHECK(ae::vus_pr(scores, positive, 0) == doctest::Approx(0.5));
  // Buffers of 0 and 1 have no slope. Of 2: r = 0, s, 1, s, 0 with s = sqrt(1/2), P = 1 + s. First
  // the alarm: recall s / (1 + s), precision s; then both: recall 1, precision (1 + s) / 2.
  const double s = std::sqrt(0.5), early = s / (1 + s);
  const double sloped = early * s + (1 - early) * (1 + s) / 2;
  CHECK(ae::vus_pr(scores, positive, 2) == doctest::Approx((0.5 + 0.5 + sloped) / 3));
  // Two ranges: with one of them found recall counts half; ties are taken together.
  const Flags two = {true, false, true, true, false};
  CHECK(ae::vus_pr({9, 8, 1, 2, 3}, two, 0) ==
        doctest::Approx(1.0 / 3 / 2 + (2.0 / 3 - 1.0 / 6) / 2 + (1 - 2.0 / 3) * 3 / 5));
  CHECK(ae::vus_pr({1, 1, 1, 1, 1}, two, 0) == doctest::Approx(0.6));
  // Slopes that meet are added, to at most 1, and make one range of two: all but the ends are 1.
  CHECK(ae::vus_pr({0, 5, 5, 5, 0}, {false, true, false, true, false}, 0) ==
        doctest::Approx(2.0 / 3));
  const double p = (2 + 3 + 2 * s) / 2;
  const double l2 = std::min(1.0, 3 / p), last = 1 - l2;
  CHECK(ae::vus_pr({0, 5, 5, 5, 0}, {false, true, false, true, false}, 2) ==
        doctest::Approx((2 * 2.0 / 3 + l2 + last * (3 + 2 * s) / 5) / 3));
  CHECK_THROWS_WITH_AS(ae::vus_pr(scores, positive, -1),
                       "vus_pr: the longest buffer must be at least 0: got -1", Error);
  CHECK_THROWS_WITH_AS(ae::vus_pr({1}, {true}, 3),
                       "vus_pr: needs examples of both classes: 1 positive, 0 others", Error);
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
