#include "ae/measure/density.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <numeric>

#include "ae/measure/neighbours.h"
#include "autograd/compile/program.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

constexpr std::int64_t kQueries = 500;      // rows of a block
constexpr std::int64_t kReferences = 2000;  // columns of a block
constexpr double kMinusInfinity = -std::numeric_limits<double>::infinity();

void check_rows(const char* who, const nn::Rows& a, const nn::Rows& b) {
  if (a.shape().rank() == 2 && b.shape().rank() == 2 && a.shape()[1] == b.shape()[1] &&
      a.shape()[0] > 0 && b.shape()[0] > 0) {
    return;
  }
  throw Error(fmt::format("{}: needs rows of one width: a={}, b={}", who, to_string(a.shape()),
                          to_string(b.shape())));
}

// Squared distances [M, N] of stored rows, in f64: a copy is nearer than what differs in f32.
Var distances(const std::vector<Var>& rows) {
  const auto numbers = [](const Var& x) {
    return x.dtype() == DType::kU8 ? scale_u8(x, DType::kF64) : cast(x, DType::kF64);
  };
  const Var from = numbers(rows[0]);
  return squared_distances(from, numbers(rows[1]));
}

double mean_of(const std::vector<double>& x) {
  return std::accumulate(x.begin(), x.end(), 0.0) / static_cast<double>(x.size());
}

// log(exp(a) + exp(b)); -inf is log 0.
double log_add(double a, double b) {
  const double high = std::max(a, b);
  return high == kMinusInfinity ? high : high + std::log1p(std::exp(std::min(a, b) - high));
}

// f(first, last) for blocks of at most `size` of n rows.
template <class F>
void for_blocks(std::int64_t n, std::int64_t size, F&& f) {
  if (size < 1) throw Error(fmt::format("batch: must be at least 1: got {}", size));
  size = std::min(size, n);
  for (std::int64_t first = 0; first < n; first += size) f(first, std::min(first + size, n));
}

// Mean Parzen log-likelihood of each point for each sigma: [sigma][point].
std::vector<std::vector<double>> parzen(const Tensor& samples, const Tensor& points,
                                        const std::vector<double>& sigmas) {
  check_rows("parzen", samples, points);
  for (double sigma : sigmas) {
    if (!(sigma > 0)) throw Error(fmt::format("parzen: sigma: must be above 0: got {}", sigma));
  }
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    const Var d = distances(inputs);
    Graph graph;
    for (double sigma : sigmas)
      graph.outputs.push_back(logsumexp(d * (-0.5 / (sigma * sigma)), {1}));
    return graph;
  });
  const std::int64_t n = samples.shape()[0], width = samples.shape()[1];
  std::vector<std::vector<double>> all(
      sigmas.size(),
      std::vector<double>(static_cast<std::size_t>(points.shape()[0]), kMinusInfinity));
  for_blocks(n, kReferences, [&](std::int64_t from, std::int64_t to) {
    const Tensor centres = samples.rows(from, to);
    for_blocks(points.shape()[0], kQueries, [&](std::int64_t first, std::int64_t last) {
      const std::vector<Tensor>& parts = program.run({points.rows(first, last), centres});
      for (std::size_t s = 0; s < sigmas.size(); ++s) {
        for (std::int64_t i = first; i < last; ++i) {
          double& sum = all[s][static_cast<std::size_t>(i)];
          sum = log_add(sum, parts[s].at(i - first));
        }
      }
    });
  });
  for (std::size_t s = 0; s < sigmas.size(); ++s) {
    const double scale = 2 * std::numbers::pi * sigmas[s] * sigmas[s];
    const double constant =
        std::log(static_cast<double>(n)) + 0.5 * static_cast<double>(width) * std::log(scale);
    for (double& value : all[s]) value -= constant;
  }
  return all;
}

}  // namespace

Novelty novelty(const Tensor& samples, const nn::Rows& train, const nn::Rows& test) {
  const std::vector<double> of_samples = k_nearest(samples, train, 1).distances.values();
  std::vector<double> of_test = k_nearest(test, train, 1).distances.values();
  Novelty result;
  result.sample_distance = mean_of(of_samples);
  result.test_distance = mean_of(of_test);
  result.ratio = result.sample_distance / result.test_distance;
  std::sort(of_test.begin(), of_test.end());
  const double near = of_test[of_test.size() / 100];
  const auto copies = std::count_if(of_samples.begin(), of_samples.end(),
                                    [&](double distance) { return distance < near; });
  result.copies = static_cast<double>(copies) / static_cast<double>(of_samples.size());
  return result;
}

std::vector<double> parzen_log_likelihood(const Tensor& samples, const Tensor& points,
                                          double sigma) {
  return parzen(samples, points, {sigma})[0];
}

double choose_parzen_sigma(const Tensor& samples, const Tensor& points,
                           const std::vector<double>& sigmas) {
  if (sigmas.empty()) throw Error("parzen: there is no sigma to choose from");
  const auto all = parzen(samples, points, sigmas);
  double best = kMinusInfinity, chosen = 0;
  for (std::size_t s = 0; s < sigmas.size(); ++s) {
    const double mean = mean_of(all[s]);
    if (!(mean > best)) continue;
    best = mean;
    chosen = sigmas[s];
  }
  if (chosen == 0) throw Error("parzen: no sigma gives the points a likelihood above 0");
  return chosen;
}

std::vector<double> importance_log_likelihood(
    const std::function<Var(const Var& stored, Step& step)>& log_weight, const Tensor& images,
    int samples, std::uint64_t seed, std::int64_t batch) {
  if (samples < 1) {
    throw Error(fmt::format("importance samples: must be at least 1: got {}", samples));
  }
  const Step counter = make_step(seed, false);
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    Step step = counter;
    Graph graph;
    graph.outputs.push_back(cast(log_weight(inputs[0], step), DType::kF64));
    graph.options.updates = counter.updates;
    return graph;
  });
  const std::int64_t n = images.shape()[0];
  std::vector<double> sums(static_cast<std::size_t>(n), kMinusInfinity);
  for_blocks(n, batch, [&](std::int64_t first, std::int64_t last) {
    const Tensor rows = images.rows(first, last);
    for (int k = 0; k < samples; ++k) {
      const Tensor& weights = program.run({rows})[0];
      for (std::int64_t i = first; i < last; ++i) {
        double& sum = sums[static_cast<std::size_t>(i)];
        sum = log_add(sum, weights.at(i - first));
      }
    }
  });
  for (double& sum : sums) sum -= std::log(static_cast<double>(samples));
  return sums;
}

}  // namespace hourglass::ae
