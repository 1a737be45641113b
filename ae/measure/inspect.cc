#include "ae/measure/inspect.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "nn/train/evaluation.h"
#include "nn/train/gradient_norms.h"

namespace hourglass::ae {
namespace {

constexpr std::int64_t kProbe = 512;
constexpr std::int64_t kFewProbe = 128;  // for what takes several passes: gradients, noise
constexpr std::int64_t kJacobianProbe = 32;
constexpr std::int64_t kJacobianRows = 4096;  // images times code units: rows of one backward pass
constexpr std::int64_t kJacobianElements = std::int64_t{1} << 24;
const std::vector<double> kDeviations = {0, 0.1, 0.2, 0.3, 0.4, 0.5};

Batch with_pixels(const Batch& stored) { return {pixels(stored.images), stored.labels}; }

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
  const Var noise = random_normal(random_key(seed), {"noise", 0}, x.shape(), x.dtype());
  Graph graph;
  for (double deviation : deviations) {
    const Var seen = deviation == 0 ? x : x + deviation * noise;
    graph.outputs.push_back(mean(square(reconstruct({seen, stored.labels}) - x)));
  }
  return graph;
}

std::vector<nn::NamedValue> named_levels(const std::vector<double>& deviations,
                                         const std::vector<double>& values) {
  std::vector<nn::NamedValue> levels;
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

Examples scaled_examples(const CodeFunctions& model, const Examples& stored) {
  return {nn::map_rows([&](const nn::Batch& b) { return model.scaled(b[0]); }, {stored.images}),
          stored.labels};
}

std::vector<double> jacobian_norms(const CodeFunction& encode, const Examples& examples) {
  const std::int64_t elements = code_width(encode, examples) * examples.images.shape()[1];
  const std::int64_t batch = std::clamp<std::int64_t>(kJacobianElements / elements, 1, 500);
  return nn::map_rows([&](const nn::Batch& b) { return row_jacobian_norms(encode, batch_of(b)); },
                      rows_of(examples), batch)
      .values();
}

std::vector<nn::NamedValue> noise_tolerance(const CodeFunction& reconstruct,
                                            const Examples& examples, std::uint64_t seed,
                                            const std::vector<double>& deviations) {
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return noise_graph(reconstruct, batch_of(inputs), seed, deviations);
  });
  std::vector<double> means(deviations.size());
  nn::for_row_batches(program, rows_of(examples), 500,
                      [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                        const double part = static_cast<double>(rows) /
                                            static_cast<double>(examples.images.shape()[0]);
                        for (std::size_t i = 0; i < means.size(); ++i) {
                          means[i] += part * values[i].item();
                        }
                      });
  return named_levels(deviations, means);
}

// One program for each question; all read the parameters as they are when asked.
struct Inspector::Body {
  nn::GradientNorms gradient_norms;
  CodeFunctions model;
  Examples probe, noise_probe, jacobian_probe;
  std::uint64_t seed = 0;
  Program program;

  // Codes (posterior means and log variances), Jacobian norms, noise tolerance.
  void compile_diagnostics() {
    std::vector<Var> inputs = inputs_like(probe), noisy = inputs_like(noise_probe),
                     few = inputs_like(jacobian_probe);
    const Batch batch = batch_of(inputs);
    std::vector<Var> outputs =
        noise_graph(model.reconstruct, batch_of(noisy), seed, kDeviations).outputs;
    outputs.push_back(row_jacobian_norms(model.encode, batch_of(few)));
    outputs.push_back(model.encode(with_pixels(batch)));
    if (model.posterior) {
      const auto [mean, log_variance] = model.posterior(with_pixels(batch));
      outputs.push_back(mean);
      outputs.push_back(log_variance);
    }
    inputs.insert(inputs.end(), noisy.begin(), noisy.end());
    inputs.insert(inputs.end(), few.begin(), few.end());
    program = compile(outputs, {.inputs = inputs});
  }
};

Inspector::Inspector(const nn::ObjectiveFunction& objective, const std::vector<Var>& parameters,
                     const CodeFunctions& model, const Examples& probe, std::uint64_t seed)
    : body_(new Body{
          nn::GradientNorms(objective, parameters, tensors_of(first_of(probe, kFewProbe)), seed),
          model,
          scaled_examples(model, first_of(probe, kProbe)),
          {},
          {},
          seed,
          {}}) {
  body_->noise_probe = first_of(body_->probe, kFewProbe);
  const std::int64_t affordable = kJacobianRows / code_width(body_->model.encode, body_->probe);
  body_->jacobian_probe =
      first_of(body_->probe, std::clamp<std::int64_t>(affordable, 4, kJacobianProbe));
  body_->compile_diagnostics();
}

Inspector::~Inspector() = default;

Diagnostics Inspector::measure(std::int64_t updates) {
  Body& b = *body_;
  Diagnostics result;
  result.gradient_norms = b.gradient_norms.at(updates);
  std::vector<Tensor> probe = tensors_of(b.probe);
  for (const Examples* few : {&b.noise_probe, &b.jacobian_probe}) {
    for (const Tensor& t : tensors_of(*few)) probe.push_back(t);
  }
  const std::vector<Tensor>& values = b.program.run(probe);
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
