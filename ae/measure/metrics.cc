#include "ae/measure/metrics.h"

#include <algorithm>
#include <cstring>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "nn/layers/losses.h"

namespace hourglass::ae {
namespace {

Batch batch_of(const std::vector<Var>& inputs) {
  return {inputs[0], inputs.size() > 1 ? inputs[1] : Var()};
}

// Calls f(outputs of the batch, its first row, its rows) for consecutive batches of rows.
template <class F>
void for_batches(ProgramByShape& program, const Examples& examples, std::int64_t batch, F&& f) {
  const std::int64_t n = examples.images.shape()[0];
  for (std::int64_t first = 0; first < n; first += batch) {
    const std::int64_t last = std::min(first + batch, n);
    std::vector<Tensor> inputs = {examples.images.rows(first, last)};
    if (examples.labels.defined()) inputs.push_back(examples.labels.rows(first, last));
    f(program.run(inputs), first, last - first);
  }
}

}  // namespace

std::vector<NamedValue> reconstruction_metrics(const Autoencoder& model, const Examples& examples,
                                               std::int64_t batch) {
  const auto per_image = nn::Reduce::kSumFeaturesMeanExamples;
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    const Var x = pixels(inputs[0]);
    const Var labels = batch_of(inputs).labels;
    Switches switches;
    const Var code = model.encode(x, labels, &switches);
    const Var linear = model.decode_linear(code, labels, &switches);
    const Var y = nn::activate(model.spec.output, linear);
    // In f64: 10,000 images of 784 pixels are summed.
    const Var error = cast(square(y - x), DType::kF64);
    const Var target = cast(x, DType::kF64);
    const Var entropy =
        model.spec.output == nn::Activation::kSigmoid
            ? nn::binary_cross_entropy_with_logits(cast(linear, DType::kF64), target, per_image)
            : nn::binary_cross_entropy(cast(y, DType::kF64), target, per_image);
    return Graph{{nn::reduce(error, per_image), entropy, min(y), max(y)}, {}};
  });
  double sse = 0, bce = 0, low = 0, high = 1;
  for_batches(program, examples, batch,
              [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                sse += values[0].item() * static_cast<double>(rows);
                bce += values[1].item() * static_cast<double>(rows);
                low = std::min(low, values[2].item());
                high = std::max(high, values[3].item());
              });
  const double n = static_cast<double>(examples.images.shape()[0]);
  const double pixel_count = static_cast<double>(examples.images.shape()[1]);
  std::vector<NamedValue> metrics = {{"mse", sse / n / pixel_count}, {"sse_per_image", sse / n}};
  if (low >= 0 && high <= 1) {
    metrics.push_back({"bce", bce / n / pixel_count});
    metrics.push_back({"bce_per_image", bce / n});
  }
  return metrics;
}

ObjectiveMeans objective_means(const Autoencoder& model, const Examples& examples,
                               std::uint64_t seed, std::int64_t batch) {
  ObjectiveMeans means;
  Step counter = make_step(seed, false);
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    Step step = counter;
    const Objective o = objective(model, batch_of(inputs), step);
    Graph graph{{o.loss}, {}};
    means.terms.clear();
    for (const Term& term : o.terms) {
      graph.outputs.push_back(term.value);
      means.terms.push_back({term.name, 0});
    }
    graph.outputs.insert(graph.outputs.end(), o.parts.begin(), o.parts.end());
    // Advances the step, so that every batch draws anew.
    graph.options.updates = std::move(step.updates);
    return graph;
  });
  std::vector<double> sums;
  for_batches(program, examples, batch,
              [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                sums.resize(values.size());
                for (std::size_t k = 0; k < values.size(); ++k) {
                  sums[k] += values[k].item() * static_cast<double>(rows);
                }
              });
  const double n = static_cast<double>(examples.images.shape()[0]);
  means.loss = sums[0] / n;
  const std::size_t count = means.terms.size();
  for (std::size_t k = 0; k < count; ++k) {
    means.terms[k].value = sums[k + 1] / n;
    means.parts.push_back({means.terms[k].name, sums[k + 1 + count] / n});
  }
  return means;
}

Tensor map_examples(const std::function<Var(const Batch& batch)>& f, const Examples& examples,
                    std::int64_t batch) {
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return Graph{{f(batch_of(inputs))}, {}};
  });
  Tensor result;
  for_batches(program, examples, batch,
              [&](const std::vector<Tensor>& values, std::int64_t first, std::int64_t rows) {
                const Tensor& part = values[0];
                if (!result.defined()) {
                  std::vector<std::int64_t> sizes = part.shape().sizes();
                  sizes[0] = examples.images.shape()[0];
                  result = Tensor::uninitialized(Shape(sizes), part.dtype());
                }
                const std::size_t row_bytes = part.bytes() / static_cast<std::size_t>(rows);
                std::memcpy(
                    static_cast<char*>(result.raw()) + static_cast<std::size_t>(first) * row_bytes,
                    part.raw(), part.bytes());
              });
  return result;
}

Tensor map_rows(const std::function<Var(const Var& stored)>& f, const Tensor& images,
                std::int64_t batch) {
  return map_examples([&](const Batch& b) { return f(b.images); }, {images}, batch);
}

Tensor reconstructions(const Autoencoder& model, const Examples& examples) {
  return map_examples([&](const Batch& b) { return model.reconstruct(pixels(b.images), b.labels); },
                      examples);
}

}  // namespace hourglass::ae
