#include "autograd/certificate/columns.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "autograd/certificate/sample.h"
#include "autograd/check/differences.h"
#include "autograd/check/random.h"
#include "autograd/compile/program.h"
#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"

namespace hourglass::check {
namespace {

constexpr double kWorstError = std::numeric_limits<double>::infinity();

Array array_of(const Tensor& tensor) { return {tensor.shape(), tensor.values()}; }

std::vector<Feed> feeds_of(const Built& built) {
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < built.inputs.size(); ++i) {
    feeds.push_back({built.inputs[i], built.numbers[i]});
  }
  return feeds;
}

Tensor reference_of(const Built& built) {
  std::vector<Array> arrays;
  for (const Tensor& x : built.numbers) arrays.push_back(array_of(x));
  const Array expected = built.source->reference(arrays);
  return Tensor::from(expected.values, expected.shape);
}

// sum of w y with fixed random weights, so that a scalar's gradient sees every element of y.
Var weighted(const Var& y, Random& random) { return sum(y * constant(random.weights(y.shape()))); }

Var weighted(const std::vector<Var>& ys, Random& random) {
  Var total;
  for (const Var& y : ys) {
    const Var part = weighted(y, random);
    total = total.defined() ? total + part : part;
  }
  return total;
}

// --- central differences

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  double total = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (b[i] != 0) total += a[i] * b[i];
  }
  return total;
}

double against_differences(const Built& built, const Var& s, const std::vector<Var>& gradient,
                           Random& random) {
  constexpr double kStep = 1.0 / 1024;
  std::vector<double> analytic;  // all elements in one row, as a Surface has them
  for (const Tensor& g : evaluate(gradient, feeds_of(built))) {
    const std::vector<double> more = g.values();
    analytic.insert(analytic.end(), more.begin(), more.end());
  }
  Surface surface(s, built.varied_inputs(), built.inputs, built.numbers);
  double worst = 0;
  const auto compare = [&](const std::vector<double>& direction) {
    worst = std::max(worst, error_of(inner(analytic, direction), slope(surface, direction, kStep)));
  };
  const std::int64_t elements = surface.elements();
  if (elements > 64) {
    for (int i = 0; i < 32; ++i) compare(random.signs(Shape{elements}).values());
    return worst;
  }
  std::vector<double> direction(analytic.size(), 0);
  for (double& element : direction) {
    element = 1;
    compare(direction);
    element = 0;
  }
  return worst;
}

// --- f32

std::vector<Tensor> cast_all(const std::vector<Tensor>& tensors, DType dtype) {
  std::vector<Tensor> result;
  for (const Tensor& x : tensors) result.push_back(is_real(x.dtype()) ? x.cast(dtype) : x);
  return result;
}

// The outputs in f32, for the same numbers in f32.
std::vector<Tensor> evaluate_f32(const Built& built, const std::vector<Var>& outputs) {
  std::vector<Var> all = outputs;
  all.insert(all.end(), built.inputs.begin(), built.inputs.end());
  const std::vector<Var> lifted = cast_graph(all, DType::kF32);
  const std::vector<Tensor> numbers = cast_all(built.numbers, DType::kF32);
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < built.inputs.size(); ++i) {
    feeds.push_back({lifted[outputs.size() + i], numbers[i]});
  }
  return evaluate({lifted.begin(), lifted.begin() + static_cast<std::ptrdiff_t>(outputs.size())},
                  feeds);
}

}  // namespace

double error_between(const Tensor& a, const Tensor& b) {
  if (a.shape() != b.shape()) return kWorstError;
  double worst = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i)
    worst = std::max(worst, error_of(a.at(i), b.at(i)));
  return worst;
}

std::vector<Var> Built::varied_inputs() const {
  std::vector<Var> result;
  for (std::size_t i : varied) result.push_back(inputs[i]);
  return result;
}

Built build_case(const Case& source, std::uint64_t seed) {
  Built built;
  built.source = &source;
  built.numbers = sample(source.arguments, seed);
  for (const Tensor& x : built.numbers) built.inputs.push_back(input(x.shape(), x.dtype()));
  built.y = source.build(built.inputs);
  for (std::size_t i = 0; i < built.inputs.size(); ++i) {
    const Argument& argument = source.arguments[i];
    if (!argument.indices && !argument.constant && is_real(built.y.dtype())) {
      built.varied.push_back(i);
    }
  }
  return built;
}

std::vector<Var> value_and_gradients(const Built& built, std::uint64_t seed) {
  std::vector<Var> outputs = {built.y};
  if (built.source->use == Case::Use::kAll && !built.varied.empty()) {
    Random random(seed);
    for (const Var& g : grad(weighted(built.y, random), built.varied_inputs()))
      outputs.push_back(g);
  }
  return outputs;
}

double value_error(const Built& built) {
  return error_between(evaluate({built.y}, feeds_of(built))[0], reference_of(built));
}

double declared_error(const Built& built) {
  const std::vector<Var> gradient = {grad(sum(built.y), built.varied_inputs()[0])};
  const Tensor expected = reference_of(built);
  return std::max(error_between(evaluate(gradient, feeds_of(built))[0], expected),
                  error_between(evaluate_f32(built, gradient)[0], expected.cast(DType::kF32)));
}

double f32_error(const Built& built) {
  const std::vector<Var> outputs = value_and_gradients(built, 1);
  const std::vector<Tensor> wide = evaluate(outputs, feeds_of(built));
  const std::vector<Tensor> narrow = evaluate_f32(built, outputs);
  double worst = 0;
  for (std::size_t i = 0; i < wide.size(); ++i) {
    // What overflows in f32 is infinite there.
    const Tensor expected = is_real(wide[i].dtype()) ? wide[i].cast(DType::kF32) : wide[i];
    worst = std::max(worst, error_between(narrow[i], expected));
  }
  return worst;
}

double compiled_error(const Built& built) {
  const std::vector<Var> outputs = value_and_gradients(built, 2);
  const std::vector<Tensor> expected = evaluate(outputs, feeds_of(built));
  Program program = compile(outputs, {.inputs = built.inputs});
  const std::vector<Tensor>& got = program.run(built.numbers);
  double worst = 0;
  for (std::size_t i = 0; i < got.size(); ++i) {
    worst = std::max(worst, error_between(got[i], expected[i]));
  }
  return worst;
}

// <A x, y> = <x, A' y> for random x and y: for each argument with the others held, or for all
// together.
double adjoint_error(const Built& built, bool jointly, std::uint64_t seed) {
  Random random(seed);
  const Tensor cotangent = random.weights(built.y.shape());
  const std::vector<Var> xs = built.varied_inputs();
  const std::vector<Var> pulled = vjp(built.y, xs, constant(cotangent));
  std::vector<Var> outputs = pulled;
  outputs.push_back(built.y);
  const std::vector<Tensor> values = evaluate(outputs, feeds_of(built));
  const double left = inner(values.back().values(), cotangent.values());
  double total = 0, worst = 0;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    const double right = inner(built.numbers[built.varied[i]].values(), values[i].values());
    total += right;
    if (!jointly) worst = std::max(worst, error_of(left, right));
  }
  return jointly ? error_of(left, total) : worst;
}

// What `error(s, gradient of s)` finds for a sum s of y's elements with random weights, for one of
// its gradient's, and for one of that one's.
template <class Error>
std::vector<double> errors_by_order(const Built& built, Random& random, Error&& error) {
  const std::vector<Var> xs = built.varied_inputs();
  std::vector<double> errors;
  Var s = weighted(built.y, random);
  for (int order = 1; order <= 3; ++order) {
    const std::vector<Var> gradient = grad(s, xs);
    errors.push_back(error(s, gradient));
    s = weighted(gradient, random);
  }
  return errors;
}

std::vector<double> derivative_errors(const Built& built, std::uint64_t seed) {
  Random random(seed);
  return errors_by_order(built, random, [&](const Var& s, const std::vector<Var>& gradient) {
    return against_differences(built, s, gradient, random);
  });
}

std::vector<double> zero_errors(const Built& built, std::uint64_t seed) {
  Random random(seed);
  return errors_by_order(built, random, [&](const Var&, const std::vector<Var>& gradient) {
    double worst = 0;
    for (const Tensor& g : evaluate(gradient, feeds_of(built))) {
      for (double number : g.values()) worst = std::max(worst, error_of(number, 0));
    }
    return worst;
  });
}

std::vector<double> tail_errors(const Built& built) {
  const std::vector<Var> xs = built.varied_inputs();
  std::vector<double> errors;
  Var s = sum(built.y);
  for (int order = 1; order <= 3; ++order) {
    const std::vector<Var> gradient = grad(s, xs);
    bool finite = true;
    for (const std::vector<Tensor>& values :
         {evaluate(gradient, feeds_of(built)), evaluate_f32(built, gradient)}) {
      for (const Tensor& g : values) {
        for (double number : g.values()) finite = finite && std::isfinite(number);
      }
    }
    errors.push_back(finite ? 0 : kWorstError);
    s = Var();
    for (const Var& g : gradient) s = s.defined() ? s + sum(g) : sum(g);
  }
  return errors;
}

}  // namespace hourglass::check
