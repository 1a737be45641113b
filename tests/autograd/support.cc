#include "tests/autograd/support.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"

namespace hourglass::testing {

Tensor random_tensor(const Shape& shape, std::uint64_t seed, double low, double high, DType dtype) {
  std::vector<double> values;
  std::uint64_t state = seed * 0x9E3779B97F4A7C15u + 0x632BE59BD9B4E019u;
  for (std::int64_t i = 0; i < shape.elements(); ++i) {
    // splitmix64
    state += 0x9E3779B97F4A7C15u;
    std::uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    values.push_back(low + (high - low) * static_cast<double>(z >> 11) * 0x1p-53);
  }
  return Tensor::from(values, shape).cast(dtype);
}

Var random_parameter(const Shape& shape, std::uint64_t seed, double low, double high) {
  return parameter(random_tensor(shape, seed, low, high));
}

Tensor vector_of(const std::vector<double>& values) {
  return Tensor::from(values, Shape{static_cast<std::int64_t>(values.size())});
}

Var f64(const std::vector<double>& values, const Shape& shape) {
  return constant(Tensor::from<double>(values, shape));
}

std::vector<Tensor> run_both(const std::vector<Var>& outputs) {
  const std::vector<Tensor> reference = evaluate(outputs);
  const std::vector<Tensor> compiled = compile(outputs).run();
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const double bound = outputs[i].dtype() == DType::kF32 ? 5e-6 : 1e-12;
    CHECK(distance(reference[i], compiled[i]) <= bound);
  }
  return reference;
}

Tensor run_both(const Var& output) { return run_both(std::vector<Var>{output})[0]; }

void check_identical(const std::vector<Var>& outputs, std::initializer_list<int> threads) {
  const std::vector<Tensor> reference = evaluate(outputs);
  for (const int t : threads) {
    CAPTURE(t);
    Program program = compile(outputs, {.threads = t});
    for (int run = 0; run < 2; ++run) {
      const std::vector<Tensor>& y = program.run();
      for (std::size_t i = 0; i < y.size(); ++i) CHECK(y[i].identical(reference[i]));
    }
  }
}

double distance(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return std::numeric_limits<double>::infinity();
  double worst = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    const double x = a.at(i);
    const double y = b.at(i);
    if (x == y || (std::isnan(x) && std::isnan(y))) continue;
    const double error = std::abs(x - y) / std::max({1.0, std::abs(x), std::abs(y)});
    worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : std::max(worst, error);
  }
  return worst;
}

double distance(const Var& a, const Var& b) {
  const std::vector<Tensor> values = run_both({a, b});
  return distance(values[0], values[1]);
}

bool is_tests_own(std::string_view op) { return op.starts_with("test_") || op.ends_with("_mine"); }

Op& writable(std::string_view op) { return *const_cast<Op*>(find_op(op)); }

int count_ops(const std::vector<Var>& outputs, std::string_view op) {
  const std::vector<Var> order = ancestors(outputs);
  return static_cast<int>(std::count_if(order.begin(), order.end(),
                                        [&](const Var& node) { return node.op().name == op; }));
}

}  // namespace hourglass::testing
