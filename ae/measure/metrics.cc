#include "ae/measure/metrics.h"

#include <algorithm>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "nn/layers/losses.h"
#include "nn/train/evaluation.h"

namespace hourglass::ae {

namespace {

// Sums of errors of one batch in f64: 10,000 images of 784 pixels are summed.
Graph error_sums(const Autoencoder& model, const Batch& batch) {
  const auto per_image = nn::Reduce::kSumFeaturesMeanExamples;
  const Var x = model.target(batch.images), present = model.present(batch.images);
  const Encoded encoded = model.encode(model.scaled(batch.images), batch.labels);
  const LossInput in = model.loss_input(encoded, x);
  const Var y = loss_output(model.spec.loss, in);
  const Var target = cast(x, DType::kF64);
  Var error = cast(square(y - x), DType::kF64);
  const bool logits =
      model.spec.output == nn::Activation::kSigmoid && model.spec.categories.empty();
  Var entropy = logits ? nn::binary_cross_entropy_with_logits(cast(in.linear, DType::kF64), target,
                                                              nn::Reduce::kNone)
                       : nn::binary_cross_entropy(cast(y, DType::kF64), target, nn::Reduce::kNone);
  Var entries = constant(static_cast<double>(x.elements()), DType::kF64);
  if (present.defined()) {
    const Var mask = cast(present, DType::kF64);
    error = gate(error, mask);
    entropy = gate(entropy, mask);
    entries = sum(mask);
  }
  return {{nn::reduce(error, per_image), nn::reduce(entropy, per_image), min(y), max(y), entries},
          {}};
}

}  // namespace

std::vector<nn::NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                   const Examples& examples, std::int64_t batch) {
  ProgramByShape program = compile_by_shape(
      [&](const std::vector<Var>& inputs) { return error_sums(model, batch_of(inputs)); });
  double sse = 0, bce = 0, low = 0, high = 1, entries = 0;
  nn::for_row_batches(program, rows_of(examples), batch,
                      [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                        sse += values[0].item() * static_cast<double>(rows);
                        bce += values[1].item() * static_cast<double>(rows);
                        low = std::min(low, values[2].item());
                        high = std::max(high, values[3].item());
                        entries += values[4].item();
                      });
  const double n = static_cast<double>(examples.images.shape()[0]);
  entries = std::max(entries, 1.0);
  std::vector<nn::NamedValue> metrics = {{"mse", sse / entries}, {"sse_per_image", sse / n}};
  if (model.input.scale == Scale::kPixels && low >= 0 && high <= 1) {
    metrics.push_back({"bce", bce / entries});
    metrics.push_back({"bce_per_image", bce / n});
  }
  return metrics;
}

Tensor reconstructions(const Autoencoder& model, const Examples& examples) {
  const DType stored = examples.images.dtype();
  const DType dtype = is_real(stored) ? stored : DType::kF32;
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const Batch b = batch_of(batch);
        const Var y = model.unscaled(model.reconstruct(model.scaled(b.images), b.labels));
        return y.dtype() == dtype ? y : cast(y, dtype);
      },
      rows_of(examples));
}

}  // namespace hourglass::ae
