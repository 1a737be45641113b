#include "ae/measure/inspect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "ae/measure/metrics.h"
#include "ae/measure/row_batches.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"

namespace hourglass::ae {
namespace {

constexpr std::int64_t kProbe = 512;
constexpr std::int64_t kGradientProbe = 128;
constexpr std::int64_t kJacobianProbe = 64;
constexpr std::int64_t kJacobianRows = 4096;  // images times code units: rows of one backward pass
constexpr std::int64_t kJacobianElements = std::int64_t{1} << 24;
const std::vector<double> kDeviations = {0, 0.1, 0.2, 0.3, 0.4, 0.5};

Batch with_pixels(const Batch& stored) { return {pixels(stored.images), stored.labels}; }

// What a program is given: images and, where there are any, labels; and back.
std::vector<Tensor> tensors_of(const Examples& examples) {
  if (!examples.labels.defined()) return {examples.images};
  return {examples.images, examples.labels};
}

Batch batch_of(const std::vector<Var>& inputs) {
  return {inputs[0], inputs.size() > 1 ? inputs[1] : Var()};
}

Examples first_of(const Examples& examples, std::int64_t count) {
  const std::int64_t n = std::min(examples.images.shape()[0], count);
  return {examples.images.rows(0, n),
          examples.labels.defined() ? examples.labels.rows(0, n) : Tensor()};
}

std::vector<Var> inputs_like(const Examples& examples) {
  std::vector<Var> inputs;
  for (const Tensor& t : tensors_of(examples)) inputs.push_back(input(t.shape(), t.dtype()));
  return inputs;
}

// [B]: the Frobenius norm of each row's Jacobian.
Var row_jacobian_norms(const CodeFunction& encode, const Batch& stored) {
  const Batch batch = with_pixels(stored);
  const Var j = batch_jacobian(encode(batch), batch.images);
  std::vector<int> axes;
  for (int axis = 1; axis < j.rank(); ++axis) axes.push_back(axis);
  return sqrt(sum(square(j), axes));
}

Graph noise_graph(const CodeFunction& reconstruct, const Batch& stored, std::uint64_t seed,
                  const std::vector<double>& deviations) {
  const Var x = pixels(stored.images);
  const Var noise = random_normal(random_key(seed), 0, x.shape(), x.dtype());
  Graph graph;
  for (double deviation : deviations) {
    const Var seen = deviation == 0 ? x : x + deviation * noise;
    graph.outputs.push_back(mean(square(reconstruct({seen, stored.labels}) - x)));
  }
  return graph;
}

std::vector<NamedValue> named_levels(const std::vector<double>& deviations,
                                     const std::vector<double>& values) {
  std::vector<NamedValue> levels;
  for (std::size_t i = 0; i < deviations.size(); ++i) {
    levels.push_back({fmt::format("{}", deviations[i]), values[i]});
  }
  return levels;
}

std::int64_t code_width(const CodeFunction& encode, const Examples& examples) {
  return encode(with_pixels(batch_of(inputs_like(first_of(examples, 1))))).elements();
}

double mean_of(const Tensor& t) {
  double total = 0;
  for (double v : t.values()) total += v;
  return total / static_cast<double>(t.elements());
}

}  // namespace

std::vector<double> jacobian_norms(const CodeFunction& encode, const Examples& examples) {
  const std::int64_t elements = code_width(encode, examples) * examples.images.shape()[1];
  const std::int64_t batch = std::clamp<std::int64_t>(kJacobianElements / elements, 1, 500);
  return map_examples([&](const Batch& stored) { return row_jacobian_norms(encode, stored); },
                      examples, batch)
      .values();
}

std::vector<NamedValue> noise_tolerance(const CodeFunction& reconstruct, const Examples& examples,
                                        std::uint64_t seed, const std::vector<double>& deviations) {
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return noise_graph(reconstruct, batch_of(inputs), seed, deviations);
  });
  std::vector<double> means(deviations.size());
  for_row_batches(program, tensors_of(examples), 500,
                  [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                    const double part =
                        static_cast<double>(rows) / static_cast<double>(examples.images.shape()[0]);
                    for (std::size_t i = 0; i < means.size(); ++i) {
                      means[i] += part * values[i].item();
                    }
                  });
  return named_levels(deviations, means);
}

// One program for each question; all read the parameters as they are when asked.
struct Inspector::Body {
  ObjectiveFunction objective;
  std::vector<Var> parameters;
  CodeFunctions model;
  Examples gradient_probe, probe, jacobian_probe;
  std::uint64_t seed;
  std::vector<std::string> term_names;
  Step counter;
  Program gradients, inside;

  // Lengths of the gradients of the weighted terms. The step stands still: the noise is that of the
  // first step, and what the objective would update stays as it is. Ramps alone move on.
  void compile_gradients() {
    std::vector<Var> inputs = inputs_like(gradient_probe), norms;
    const Var updates = input({}, DType::kI32);
    const Batch batch = batch_of(inputs);
    counter = make_step(seed);
    Step step = counter;
    for (const Term& term : objective(batch, step).terms) {
      Var total = constant(0.0, DType::kF64);
      for (const Var& g : grad(term.weight * term.value, parameters)) {
        total = total + sum(square(cast(g, DType::kF64)));
      }
      Var norm = sqrt(total);
      if (term.ramp.defined()) {
        norm = norm * cast(substitute(term.ramp, {counter.step}, {updates}), DType::kF64);
      }
      norms.push_back(norm);
      term_names.push_back(term.name);
    }
    inputs.push_back(updates);
    gradients = compile(norms, {.inputs = inputs});
  }

  // Codes (posterior means and log variances), Jacobian norms, noise tolerance.
  void compile_inside() {
    std::vector<Var> inputs = inputs_like(probe), few = inputs_like(jacobian_probe);
    const Batch batch = batch_of(inputs);
    std::vector<Var> outputs = noise_graph(model.reconstruct, batch, seed, kDeviations).outputs;
    outputs.push_back(row_jacobian_norms(model.encode, batch_of(few)));
    outputs.push_back(model.encode(with_pixels(batch)));
    if (model.posterior) {
      const auto [mean, log_variance] = model.posterior(with_pixels(batch));
      outputs.push_back(mean);
      outputs.push_back(log_variance);
    }
    inputs.insert(inputs.end(), few.begin(), few.end());
    inside = compile(outputs, {.inputs = inputs});
  }
};

Inspector::Inspector(ObjectiveFunction objective, std::vector<Var> parameters, CodeFunctions model,
                     const Examples& probe, std::uint64_t seed)
    : body_(std::make_unique<Body>()) {
  Body& b = *body_;
  b.objective = std::move(objective);
  b.parameters = std::move(parameters);
  b.model = std::move(model);
  b.seed = seed;
  b.gradient_probe = first_of(probe, kGradientProbe);
  b.probe = first_of(probe, kProbe);
  const std::int64_t affordable = kJacobianRows / code_width(b.model.encode, probe);
  b.jacobian_probe = first_of(probe, std::clamp<std::int64_t>(affordable, 4, kJacobianProbe));
  b.compile_gradients();
  b.compile_inside();
}

Inspector::~Inspector() = default;

Inside Inspector::look(std::int64_t updates) {
  Body& b = *body_;
  Inside result;
  std::vector<Tensor> probe = tensors_of(b.gradient_probe);
  probe.push_back(Tensor::scalar(static_cast<double>(updates)).cast(DType::kI32));
  const std::vector<Tensor>& norms = b.gradients.run(probe);
  for (std::size_t i = 0; i < norms.size(); ++i) {
    result.gradient_norms.push_back({b.term_names[i], norms[i].item()});
  }
  probe = tensors_of(b.probe);
  for (const Tensor& t : tensors_of(b.jacobian_probe)) probe.push_back(t);
  const std::vector<Tensor>& values = b.inside.run(probe);
  const std::size_t levels = kDeviations.size();
  std::vector<double> errors;
  for (std::size_t i = 0; i < levels; ++i) errors.push_back(values[i].item());
  result.noise_tolerance = named_levels(kDeviations, errors);
  result.jacobian_norm = mean_of(values[levels]);
  const Tensor& codes = values[levels + 1];
  const std::int64_t rows = codes.shape()[0];
  result.code = code_statistics(codes.reshape({rows, codes.elements() / rows}));
  if (b.model.posterior) {
    result.kl_per_dimension = kl_per_dimension(values[levels + 2], values[levels + 3]);
  }
  return result;
}

}  // namespace hourglass::ae
