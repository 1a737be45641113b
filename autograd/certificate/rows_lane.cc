#include <cmath>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

// Another case of a lane: other attributes, other places.
void add_case(Row& row, const Lane1& lane) {
  for (Case& more : lane_row("", lane).cases) row.cases.push_back(std::move(more));
}

void add_exponential_rows(Rows& rows) {
  rows.push_back(lane_row("exp", {.build = [](const Var& x) { return exp(x); },
                                  .reference = [](double x) { return std::exp(x); },
                                  .tails = kLeftTail}));
  rows.push_back(lane_row("expm1", {.build = [](const Var& x) { return expm1(x); },
                                    .reference = [](double x) { return std::expm1(x); },
                                    .tails = kLeftTail}));
  rows.push_back(lane_row("log", {.build = [](const Var& x) { return log(x); },
                                  .reference = [](double x) { return std::log(x); },
                                  .low = 0.25,
                                  .high = 3,
                                  .tails = kRightTail}));
  rows.push_back(lane_row("log1p", {.build = [](const Var& x) { return log1p(x); },
                                    .reference = [](double x) { return std::log1p(x); },
                                    .low = -0.75,
                                    .high = 3,
                                    .tails = kRightTail}));
  rows.push_back(lane_row("logit", {.build = [](const Var& x) { return logit(x); },
                                    .reference = [](double x) { return std::log(x / (1 - x)); },
                                    .low = 0.125,
                                    .high = 0.875,
                                    .points = {0, 1, 1e-30, 0.5, -1, 2, kNaN}}));
}

void add_power_rows(Rows& rows) {
  rows.push_back(lane_row("sqrt", {.build = [](const Var& x) { return sqrt(x); },
                                   .reference = [](double x) { return std::sqrt(x); },
                                   .low = 0.25,
                                   .high = 4,
                                   .tails = kRightTail}));
  rows.push_back(lane_row("flat_sqrt", {.build = [](const Var& x) { return flat_sqrt(x); },
                                        .reference = [](double x) { return std::sqrt(x); },
                                        .low = 0.25,
                                        .high = 4,
                                        .tails = kRightTail,
                                        .declared = {{0, 0}, {4, 0.25}}}));
  rows.push_back(lane_row("rsqrt", {.build = [](const Var& x) { return rsqrt(x); },
                                    .reference = [](double x) { return 1 / std::sqrt(x); },
                                    .low = 0.25,
                                    .high = 4,
                                    .tails = kRightTail,
                                    .points = {0, 1, 4, 1e-30, 1e30, -1, kInfinity, kNaN}}));
  rows.push_back(lane_row("reciprocal", {.build = [](const Var& x) { return reciprocal(x); },
                                         .reference = [](double x) { return 1 / x; },
                                         .low = 0.25,
                                         .high = 4,
                                         .tails = kBothTails}));
  rows.push_back(lane_row("square", {.build = [](const Var& x) { return square(x); },
                                     .reference = [](double x) { return x * x; }}));
  Row pow_row = lane_row("pow_scalar", {.build = [](const Var& x) { return pow(x, 2.5); },
                                        .reference = [](double x) { return std::pow(x, 2.5); },
                                        .low = 0.25,
                                        .high = 3});
  add_case(pow_row, {.build = [](const Var& x) { return pow(x, 3); },
                     .reference = [](double x) { return x * x * x; }});
  add_case(pow_row, {.build = [](const Var& x) { return pow(x, 2); },
                     .reference = [](double x) { return x * x; }});
  add_case(pow_row, {.build = [](const Var& x) { return pow(x, -2); },
                     .reference = [](double x) { return 1 / (x * x); },
                     .low = 0.5,
                     .high = 3,
                     .tails = kBothTails});
  add_case(pow_row, {.build = [](const Var& x) { return pow(x, 1); },
                     .reference = [](double x) { return x; },
                     .tails = kBothTails});
  add_case(pow_row, {.build = [](const Var& x) { return pow(x, 0); },
                     .reference = [](double) { return 1.0; },
                     .tails = kBothTails});
  // Whole exponents have derivatives at 0.
  add_case(pow_row, {.build = [](const Var& x) { return pow(x, 2); },
                     .reference = [](double x) { return x * x; },
                     .tails = {0}});
  rows.push_back(std::move(pow_row));
}

void add_circular_rows(Rows& rows) {
  rows.push_back(lane_row("sin", {.build = [](const Var& x) { return sin(x); },
                                  .reference = [](double x) { return std::sin(x); },
                                  .low = -4,
                                  .high = 4,
                                  .points = {0.0, -0.0, 1e-30, 3, 100, -1000, kNaN}}));
  rows.push_back(lane_row("cos", {.build = [](const Var& x) { return cos(x); },
                                  .reference = [](double x) { return std::cos(x); },
                                  .low = -4,
                                  .high = 4,
                                  .points = {0.0, -0.0, 1e-30, 3, 100, -1000, kNaN}}));
  rows.push_back(lane_row("erf", {.build = [](const Var& x) { return erf(x); },
                                  .reference = [](double x) { return std::erf(x); },
                                  .low = -3,
                                  .high = 3,
                                  .tails = kBothTails}));
}

void add_piecewise_rows(Rows& rows) {
  rows.push_back(lane_row("negate", {.build = [](const Var& x) { return negate(x); },
                                     .reference = [](double x) { return -x; },
                                     .tails = kBothTails}));
  rows.push_back(lane_row("abs", {.build = [](const Var& x) { return abs(x); },
                                  .reference = [](double x) { return std::abs(x); },
                                  .kinks = {0},
                                  .tails = kBothTails,
                                  .declared = {{0, 0}, {-0.0, 0}}}));
  rows.push_back(lane_row(
      "sign",
      {.build = [](const Var& x) { return sign(x); },
       .reference = [](double x) { return std::isnan(x) ? x
                                          : x > 0       ? 1.0
                                          : x < 0       ? -1.0
                                                        : 0.0; },
       .kinks = {0},
       .tails = kBothTails,
       .declared = {{0, 0}}}));
  Row clip_row = lane_row(
      "clip", {.build = [](const Var& x) { return clip(x, -0.75, 1.25); },
               .reference = [](double x) { return x < -0.75  ? -0.75
                                                  : x > 1.25 ? 1.25
                                                             : x; },
               .kinks = {-0.75, 1.25},
               .tails = kBothTails,
               .declared = {{-0.75, 1}, {1.25, 1}}});
  add_case(clip_row, {.build = [](const Var& x) { return clip(x, 0.5, kInfinity); },
                      .reference = [](double x) { return x < 0.5 ? 0.5 : x; },
                      .kinks = {0.5}});
  rows.push_back(std::move(clip_row));
}

}  // namespace

void add_lane_rows(Rows& rows) {
  add_exponential_rows(rows);
  add_power_rows(rows);
  add_circular_rows(rows);
  add_piecewise_rows(rows);
}

}  // namespace hourglass::check
