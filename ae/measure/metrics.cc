#include "ae/measure/metrics.h"

#include <algorithm>

#include "autograd/compile/program.h"
#include "autograd/ops/ops.h"
#include "nn/layers/losses.h"
#include "nn/train/evaluation.h"

namespace hourglass::ae {

std::vector<nn::NamedValue> reconstruction_metrics(const Autoencoder& model,
                                                   const Examples& examples, std::int64_t batch) {
  const auto per_image = nn::Reduce::kSumFeaturesMeanExamples;
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    const Var x = pixels(inputs[0]);
    const Var labels = batch_of(inputs).labels;
    const Var linear = model.decode_linear(model.encode(x, labels));
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
  nn::for_row_batches(program, tensors_of(examples), batch,
                      [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                        sse += values[0].item() * static_cast<double>(rows);
                        bce += values[1].item() * static_cast<double>(rows);
                        low = std::min(low, values[2].item());
                        high = std::max(high, values[3].item());
                      });
  const double n = static_cast<double>(examples.images.shape()[0]);
  const double pixel_count = static_cast<double>(examples.images.shape()[1]);
  std::vector<nn::NamedValue> metrics = {{"mse", sse / n / pixel_count},
                                         {"sse_per_image", sse / n}};
  if (low >= 0 && high <= 1) {
    metrics.push_back({"bce", bce / n / pixel_count});
    metrics.push_back({"bce_per_image", bce / n});
  }
  return metrics;
}

Tensor reconstructions(const Autoencoder& model, const Examples& examples) {
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const Batch b = batch_of(batch);
        return model.reconstruct(pixels(b.images), b.labels);
      },
      tensors_of(examples));
}

}  // namespace hourglass::ae
