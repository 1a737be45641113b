#include <cmath>
#include <numbers>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

double sigmoid_of(double x) {
  return x >= 0 ? 1 / (1 + std::exp(-x)) : std::exp(x) / (1 + std::exp(x));
}

// x f(x) where f tends to 0 at -inf faster than x grows.
double times(double x, double f) { return f == 0 ? 0 : x * f; }

void add_smooth_rows(Rows& rows) {
  rows.push_back(lane_row("tanh", {.build = [](const Var& x) { return tanh(x); },
                                   .reference = [](double x) { return std::tanh(x); },
                                   .low = -3,
                                   .high = 3,
                                   .tails = kBothTails}));
  rows.push_back(lane_row("sigmoid", {.build = [](const Var& x) { return sigmoid(x); },
                                      .reference = sigmoid_of,
                                      .low = -6,
                                      .high = 6,
                                      .tails = kBothTails}));
  rows.push_back(lane_row(
      "softplus",
      {.build = [](const Var& x) { return softplus(x); },
       .reference = [](double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); },
       .low = -6,
       .high = 6,
       .tails = kBothTails}));
  rows.push_back(lane_row("silu", {.build = [](const Var& x) { return silu(x); },
                                   .reference = [](double x) { return times(x, sigmoid_of(x)); },
                                   .low = -6,
                                   .high = 6,
                                   .tails = kBothTails}));
  rows.push_back(lane_row(
      "gelu",
      {.build = [](const Var& x) { return gelu(x); },
       .reference = [](double x) { return times(x, 0.5 * std::erfc(-x / std::numbers::sqrt2)); },
       .low = -4,
       .high = 4,
       .tails = kBothTails}));
  rows.push_back(lane_row("gelu_tanh", {.build = [](const Var& x) { return gelu_tanh(x); },
                                        .reference =
                                            [](double x) {
                                              const double k = std::sqrt(2 / std::numbers::pi);
                                              const double t =
                                                  std::tanh(k * (x + 0.044715 * x * x * x));
                                              return times(x, 0.5 * (1 + t));
                                            },
                                        .low = -4,
                                        .high = 4,
                                        .tails = kBothTails}));
}

void add_relu_rows(Rows& rows) {
  rows.push_back(
      lane_row("relu", {.build = [](const Var& x) { return relu(x); },
                        .reference = [](double x) { return std::isnan(x) || x > 0 ? x : 0.0; },
                        .kinks = {0},
                        .tails = kBothTails,
                        .declared = {{0, 0}}}));
  rows.push_back(lane_row("leaky_relu", {.build = [](const Var& x) { return leaky_relu(x, 0.25); },
                                         .reference = [](double x) { return x > 0 ? x : 0.25 * x; },
                                         .kinks = {0},
                                         .tails = kBothTails,
                                         .declared = {{0, 0.25}}}));
  rows.push_back(
      lane_row("elu", {.build = [](const Var& x) { return elu(x, 1.5); },
                       .reference = [](double x) { return x > 0 ? x : 1.5 * std::expm1(x); },
                       .low = -3,
                       .kinks = {0},
                       .tails = kBothTails,
                       .declared = {{0, 1.5}}}));
  rows.push_back(lane_row("selu", {.build = [](const Var& x) { return selu(x); },
                                   .reference =
                                       [](double x) {
                                         const double inner =
                                             x > 0 ? x : 1.6732632423543772 * std::expm1(x);
                                         return 1.0507009873554805 * inner;
                                       },
                                   .low = -3,
                                   .kinks = {0},
                                   .tails = kBothTails,
                                   .declared = {{0, 1.0507009873554805 * 1.6732632423543772}}}));
  rows.push_back(lane_row("softsign", {.build = [](const Var& x) { return softsign(x); },
                                       .exact =
                                           [](long double x) {
                                             return std::isinf(x) ? std::copysign(1.0L, x)
                                                                  : x / (1 + std::fabs(x));
                                           },
                                       .kinks = {0},
                                       .tails = kBothTails,
                                       .declared = {{0, 1}}}));
}

}  // namespace

void add_activation_rows(Rows& rows) {
  add_smooth_rows(rows);
  add_relu_rows(rows);
}

}  // namespace hourglass::check
