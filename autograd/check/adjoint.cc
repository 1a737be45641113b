#include <algorithm>
#include <cmath>

#include "autograd/check/gradcheck.h"
#include "autograd/check/random.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

double dot(const Tensor& a, const Tensor& b) {
  double sum = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) sum += a.at(i) * b.at(i);
  return sum;
}

}  // namespace

AdjointReport adjoint_check(const Function& f, const std::vector<Shape>& shapes, int pairs,
                            double tolerance, std::uint64_t seed) {
  if (!f) throw Error("adjoint_check: the function is empty");
  if (shapes.empty()) throw Error("adjoint_check: needs the shape of at least one input");
  check::Random random(seed);
  std::vector<Var> xs;
  for (const Shape& shape : shapes) xs.push_back(input(shape, DType::kF64));
  const Var y = f(xs);
  if (!y.defined()) throw Error("adjoint_check: the function gave an empty Var");
  const Var u = input(y.shape(), y.dtype());
  std::vector<Var> outputs = vjp(y, xs, u);
  outputs.push_back(y);
  std::vector<Var> inputs = xs;
  inputs.push_back(u);
  Program program = compile(outputs, {.inputs = inputs});
  AdjointReport report{.passed = true, .error = -1};
  for (; report.pairs < pairs; ++report.pairs) {
    std::vector<Tensor> fed;
    for (const Var& x : inputs) fed.push_back(random.weights(x.shape()));
    const std::vector<Tensor>& values = program.run(fed);
    const double forward = dot(values.back(), fed.back());
    double backward = 0;
    double size = std::sqrt(dot(values.back(), values.back()) * dot(fed.back(), fed.back()));
    for (std::size_t i = 0; i < xs.size(); ++i) {
      backward += dot(fed[i], values[i]);
      size = std::max(size, std::sqrt(dot(fed[i], fed[i]) * dot(values[i], values[i])));
    }
    const double error = std::abs(forward - backward) / std::max(1.0, size);
    if (!(error <= tolerance)) report.passed = false;
    if (!(error <= report.error)) {
      report.forward = forward;
      report.backward = backward;
      report.error = error;
    }
  }
  return report;
}

}  // namespace hourglass
