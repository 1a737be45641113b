#include "ae/measure/latent.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "autograd/graph/var.h"
#include "autograd/ops/ops.h"
#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/kernels.h"

namespace hourglass::ae {
namespace {

const Stream kSample{"sample", 0xFFFF0002};

double dot_of(const std::vector<double>& a, const std::vector<double>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) total += a[i] * b[i];
  return total;
}

void check_ends(const Tensor& a, const Tensor& b, std::int64_t steps) {
  if (a.shape() != b.shape() || a.shape().rank() != 1) {
    throw Error(fmt::format("interpolate: needs two codes of one width: a={}, b={}",
                            to_string(a.shape()), to_string(b.shape())));
  }
  if (steps < 2) throw Error(fmt::format("interpolate: steps: must be at least 2: got {}", steps));
}

// Rows weight_a(t) a + weight_b(t) b for t from 0 to 1.
template <class F>
Tensor blend(const Tensor& a, const Tensor& b, std::int64_t steps, F&& weights) {
  const std::int64_t width = a.elements();
  Tensor codes(Shape{steps, width}, DType::kF32);
  float* out = codes.data<float>();
  for (std::int64_t i = 0; i < steps; ++i) {
    const auto [wa, wb] = weights(static_cast<double>(i) / static_cast<double>(steps - 1));
    for (std::int64_t j = 0; j < width; ++j) {
      out[i * width + j] = static_cast<float>(wa * a.at(j) + wb * b.at(j));
    }
  }
  return codes;
}

void check_unit(const char* who, std::int64_t unit, std::int64_t width) {
  if (unit >= 0 && unit < width) return;
  throw Error(fmt::format("{}: the code has {}: there is no unit {} (they count from 0)", who,
                          internal::counted(width, "unit"), unit));
}

}  // namespace

Tensor interpolate_linear(const Tensor& a, const Tensor& b, std::int64_t steps) {
  check_ends(a, b, steps);
  return blend(a, b, steps, [](double t) { return std::pair(1 - t, t); });
}

Tensor interpolate_spherical(const Tensor& a, const Tensor& b, std::int64_t steps) {
  check_ends(a, b, steps);
  const std::vector<double> x = a.values(), y = b.values();
  const double lengths = std::sqrt(dot_of(x, x) * dot_of(y, y));
  const double angle = lengths == 0 ? 0 : std::acos(std::clamp(dot_of(x, y) / lengths, -1.0, 1.0));
  const double sine = std::sin(angle);
  if (sine < 1e-6) return interpolate_linear(a, b, steps);
  return blend(a, b, steps, [&](double t) {
    return std::pair(std::sin((1 - t) * angle) / sine, std::sin(t * angle) / sine);
  });
}

CodeNormal standard_normal(std::int64_t width) {
  CodeNormal normal{Tensor(Shape{width}, DType::kF64), Tensor(Shape{width, width}, DType::kF64)};
  for (std::int64_t i = 0; i < width; ++i) normal.factor.data<double>()[i * width + i] = 1;
  return normal;
}

CodeNormal fit_normal(const Tensor& codes) {
  if (codes.shape().rank() != 2 || codes.shape()[0] < 2) {
    throw Error(fmt::format("fit_normal: needs codes [N, H], at least two: got {}",
                            to_string(codes.shape())));
  }
  const std::int64_t n = codes.shape()[0], width = codes.shape()[1];
  const Var h = constant(codes.cast(DType::kF64));
  // Around the first code, so that a unit that never changes has exactly its mean and no variance.
  const Var first = slice(h, 0, {0, 1});
  const Var moved = h - first;
  const Var centre = mean(moved, {0}, true);
  const Var centred = moved - centre;
  const Tensor covariance =
      (matmul(centred, centred, true, false) / static_cast<double>(n)).value();
  CodeNormal normal{squeeze(first + centre, {0}).value(), Tensor(Shape{width, width}, DType::kF64)};
  std::vector<double> variances(static_cast<std::size_t>(width));
  double* factor = normal.factor.data<double>();
  kernels::symmetric_eigen(width, covariance.data<double>(), variances.data(), factor);
  for (std::int64_t i = 0; i < width; ++i) {
    const double scale = std::sqrt(std::max(0.0, variances[static_cast<std::size_t>(i)]));
    for (std::int64_t j = 0; j < width; ++j) factor[i * width + j] *= scale;
  }
  return normal;
}

std::vector<double> deviations(const CodeNormal& normal) {
  const std::int64_t width = normal.mean.elements();
  std::vector<double> result;
  for (std::int64_t j = 0; j < width; ++j) {
    double variance = 0;
    for (std::int64_t i = 0; i < width; ++i) {
      variance += std::pow(normal.factor.at(i * width + j), 2);
    }
    result.push_back(std::sqrt(variance));
  }
  return result;
}

Tensor sample(const CodeNormal& normal, std::int64_t count, Key key) {
  if (count < 1) throw Error(fmt::format("sample: count: must be at least 1: got {}", count));
  const std::int64_t width = normal.mean.elements();
  const Tensor noise = hourglass::normal(key, kSample, 0, Shape{count, width}, 0, 1, DType::kF64);
  const Var codes = matmul(constant(noise), constant(normal.factor)) + constant(normal.mean);
  return codes.value().cast(DType::kF32);
}

double normal_quantile(double p) {
  if (!(p > 0 && p < 1)) throw Error(fmt::format("normal_quantile: expected 0 < p < 1: got {}", p));
  // Newton's method on the logarithm of the lower tail, which is concave: from the left of the root
  // it never overshoots.
  const double tail = std::min(p, 1 - p);
  double x = -std::sqrt(-2 * std::log(tail)) - 1;
  for (int i = 0; i < 60; ++i) {
    const double below = 0.5 * std::erfc(-x / std::numbers::sqrt2);
    const double density = std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi);
    const double step = (std::log(below) - std::log(tail)) * below / density;
    x -= step;
    if (std::abs(step) < 1e-14 * (1 + std::abs(x))) break;
  }
  return p <= 0.5 ? x : -x;
}

Tensor manifold(const CodeNormal& normal, std::int64_t first, std::int64_t second,
                std::int64_t size) {
  const std::int64_t width = normal.mean.elements();
  check_unit("manifold", first, width);
  check_unit("manifold", second, width);
  if (first == second) throw Error(fmt::format("manifold: unit {} is named twice", first));
  if (size < 1) throw Error(fmt::format("manifold: size: must be at least 1: got {}", size));
  const std::vector<double> deviation = deviations(normal);
  const auto place = [&](std::int64_t unit, std::int64_t i) {
    const double p = (static_cast<double>(i) + 0.5) / static_cast<double>(size);
    return static_cast<float>(normal.mean.at(unit) +
                              deviation[static_cast<std::size_t>(unit)] * normal_quantile(p));
  };
  Tensor codes(Shape{size * size, width}, DType::kF32);
  float* out = codes.data<float>();
  for (std::int64_t row = 0; row < size; ++row) {
    for (std::int64_t column = 0; column < size; ++column, out += width) {
      for (std::int64_t j = 0; j < width; ++j) out[j] = static_cast<float>(normal.mean.at(j));
      out[first] = place(first, column);
      out[second] = place(second, size - 1 - row);
    }
  }
  return codes;
}

Tensor traverse(const Tensor& code, std::int64_t unit, double low, double high,
                std::int64_t steps) {
  check_unit("traverse", unit, code.elements());
  Tensor a = code.cast(DType::kF32).clone(), b = a.clone();
  a.data<float>()[unit] = static_cast<float>(low);
  b.data<float>()[unit] = static_cast<float>(high);
  if (steps < 2) throw Error(fmt::format("traverse: steps: must be at least 2: got {}", steps));
  return interpolate_linear(a, b, steps);
}

}  // namespace hourglass::ae
