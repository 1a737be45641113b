#include <cmath>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

Argument smooth(double low, double high) { return {.shape = {}, .low = low, .high = high}; }
const Argument kDistinct = {.shape = {}, .distinct = true};

void add_arithmetic_rows(Rows& rows) {
  rows.push_back(lane_row("add", {.build = [](const Var& a, const Var& b) { return add(a, b); },
                                  .reference = [](double a, double b) { return a + b; }}));
  rows.back().jointly_linear = true;
  rows.push_back(
      lane_row("subtract", {.build = [](const Var& a, const Var& b) { return subtract(a, b); },
                            .reference = [](double a, double b) { return a - b; }}));
  rows.back().jointly_linear = true;
  rows.push_back(
      lane_row("multiply", {.build = [](const Var& a, const Var& b) { return multiply(a, b); },
                            .reference = [](double a, double b) { return a * b; },
                            .points = {{0, kInfinity}}}));
  rows.push_back(
      lane_row("divide", {.build = [](const Var& a, const Var& b) { return divide(a, b); },
                          .reference = [](double a, double b) { return a / b; },
                          .b = smooth(0.5, 3),
                          .points = {{1, 0}, {0, 0}, {-1, 0}}}));
  rows.push_back(lane_row("pow", {.build = [](const Var& a, const Var& b) { return pow(a, b); },
                                  .reference = [](double a, double b) { return std::pow(a, b); },
                                  .a = smooth(0.25, 3),
                                  .points = {{-2, 3}, {-2, 2}, {0, 2}, {2, -1}, {4, 0.5}},
                                  // As the limits have it, and without 0 * inf where none is.
                                  .declared = {{0, 2, 0, 0},
                                               {0, 1, 1, 0},
                                               {0, 0, 0, 0},
                                               {0.25, 0, 0, std::log(0.25)},
                                               {-2, 3, 12, kNaN}}}));
  rows.push_back(lane_row(
      "xlogy",
      {.build = [](const Var& a, const Var& b) { return xlogy(a, b); },
       .reference = [](double a, double b) { return a == 0 ? 0 : a * std::log(b); },
       .b = smooth(0.25, 3),
       .points = {{0, 0}, {0, 3}, {0, -1}, {0, kNaN}, {2, 0}},
       .declared = {{0, 2, std::log(2.0), 0}, {0, 0, -kInfinity, 0}, {3, 2, std::log(2.0), 1.5}}}));
  rows.push_back(lane_row(
      "logistic_loss",
      {.build = [](const Var& a, const Var& b) { return logistic_loss(a, b); },
       .reference =
           [](double x, double t) {
             const double missed = x > 0 ? 1 - t : t;
             const double size = std::abs(x);
             return (missed == 0 ? 0 : missed * size) + std::log1p(std::exp(-size));
           },
       .b = smooth(0, 1),
       .points = {{kInfinity, 1}, {-kInfinity, 0}, {kInfinity, 0.5}, {40, 1}, {-40, 0}, {1e30, 0}},
       .declared = {{0, 0.25, 0.25, 0}}}));
}

void add_choice_rows(Rows& rows) {
  const std::vector<std::pair<double, double>> ties = {{2, 2}, {-1, -1}};
  rows.push_back(lane_row(
      "maximum", {.build = [](const Var& a, const Var& b) { return maximum(a, b); },
                  .reference = [](double a, double b) { return std::isnan(a) ? a
                                                               : a > b       ? a
                                                                             : b; },
                  .a = kDistinct,
                  .b = kDistinct,
                  .points = ties,
                  .declared = {{2, 2, 0.5, 0.5}}}));
  rows.push_back(lane_row(
      "minimum", {.build = [](const Var& a, const Var& b) { return minimum(a, b); },
                  .reference = [](double a, double b) { return std::isnan(a) ? a
                                                               : a < b       ? a
                                                                             : b; },
                  .a = kDistinct,
                  .b = kDistinct,
                  .points = ties,
                  .declared = {{2, 2, 0.5, 0.5}}}));
}

void add_selection_rows(Rows& rows) {
  rows.push_back(
      lane_row("gate", {.build = [](const Var& a, const Var& b) { return gate(a, b); },
                        .reference = [](double a, double b) { return b > 0 ? a : 0; },
                        .b = {.shape = {}, .kinks = {0}},
                        .points = {{kInfinity, 0}, {kNaN, -1}, {kInfinity, 1}, {1, kNaN}},
                        .declared = {{2, 0, 0, 0}, {2, 1, 1, 0}}}));
  Row where_row{
      .name = "where",
      .cases = {{.arguments = {{.shape = {2, 3}, .values = {1, 0, 0, 2, 0, -1}, .constant = true},
                               {.shape = {2, 3}},
                               {.shape = {2, 3}}},
                 .build = [](const Vars& x) { return where(x[0], x[1], x[2]); },
                 .reference =
                     [](const Arrays& x) {
                       return elementwise(x, [](const auto& a) { return a[0] != 0 ? a[1] : a[2]; });
                     }}},
      .jointly_linear = true};
  where_row.cases.push_back(where_row.cases[0]);
  where_row.cases.back().arguments[0].values = {0, 0, 3, 1, 1, 0};
  // The mask has a derivative, zero, wherever the function does not jump.
  where_row.cases.push_back(where_row.cases[0]);
  where_row.cases.back().arguments[0] = {.shape = {2, 3}, .low = 0.5, .high = 2};
  rows.push_back(std::move(where_row));
}

void add_comparison_rows(Rows& rows) {
  const auto row = [&](const char* name, Var (*build)(const Var&, const Var&),
                       double (*reference)(double, double)) {
    rows.push_back(lane_row(name, {.build = build,
                                   .reference = reference,
                                   .a = kDistinct,
                                   .b = kDistinct,
                                   .points = {{2, 2}, {-1, 1}, {0.0, -0.0}, {-2, -1}}}));
  };
  row(
      "equal", [](const Var& a, const Var& b) { return equal(a, b); },
      [](double a, double b) { return a == b ? 1.0 : 0.0; });
  row(
      "not_equal", [](const Var& a, const Var& b) { return not_equal(a, b); },
      [](double a, double b) { return a != b ? 1.0 : 0.0; });
  row(
      "less", [](const Var& a, const Var& b) { return less(a, b); },
      [](double a, double b) { return a < b ? 1.0 : 0.0; });
  row(
      "less_equal", [](const Var& a, const Var& b) { return less_equal(a, b); },
      [](double a, double b) { return a <= b ? 1.0 : 0.0; });
}

}  // namespace

void add_binary_rows(Rows& rows) {
  add_arithmetic_rows(rows);
  add_choice_rows(rows);
  add_selection_rows(rows);
  add_comparison_rows(rows);
}

}  // namespace hourglass::check
