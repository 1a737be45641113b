#include "ae/metrics.h"

#include <algorithm>
#include <cstring>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "nn/losses.h"

namespace hourglass::ae {
namespace {

// Calls f(outputs of the batch, its first row, its rows) for consecutive batches of rows.
template <class F>
void for_batches(ProgramByShape& program, const Tensor& images, std::int64_t batch, F&& f) {
  const std::int64_t n = images.shape()[0];
  for (std::int64_t first = 0; first < n; first += batch) {
    const std::int64_t last = std::min(first + batch, n);
    f(program.run({images.rows(first, last)}), first, last - first);
  }
}

}  // namespace

std::vector<NamedValue> reconstruction_metrics(const Autoencoder& model, const Tensor& images,
                                               std::int64_t batch) {
  const auto per_image = nn::Reduce::kSumFeaturesMeanExamples;
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    const Var x = pixels(inputs[0]);
    const Var linear = model.decode_linear(model.encode(x));
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
  for_batches(program, images, batch,
              [&](const std::vector<Tensor>& values, std::int64_t, std::int64_t rows) {
                sse += values[0].item() * static_cast<double>(rows);
                bce += values[1].item() * static_cast<double>(rows);
                low = std::min(low, values[2].item());
                high = std::max(high, values[3].item());
              });
  const double n = static_cast<double>(images.shape()[0]);
  const double pixel_count = static_cast<double>(images.shape()[1]);
  std::vector<NamedValue> metrics = {{"mse", sse / n / pixel_count}, {"sse_per_image", sse / n}};
  if (low >= 0 && high <= 1) {
    metrics.push_back({"bce", bce / n / pixel_count});
    metrics.push_back({"bce_per_image", bce / n});
  }
  return metrics;
}

Tensor map_rows(const std::function<Var(const Var& stored)>& f, const Tensor& images,
                std::int64_t batch) {
  ProgramByShape program = compile_by_shape([&](const std::vector<Var>& inputs) {
    return Graph{{f(inputs[0])}, {}};
  });
  Tensor result;
  for_batches(program, images, batch,
              [&](const std::vector<Tensor>& values, std::int64_t first, std::int64_t rows) {
                const Tensor& part = values[0];
                if (!result.defined()) {
                  std::vector<std::int64_t> sizes = part.shape().sizes();
                  sizes[0] = images.shape()[0];
                  result = Tensor::uninitialized(Shape(sizes), part.dtype());
                }
                const std::size_t row_bytes = part.bytes() / static_cast<std::size_t>(rows);
                std::memcpy(
                    static_cast<char*>(result.raw()) + static_cast<std::size_t>(first) * row_bytes,
                    part.raw(), part.bytes());
              });
  return result;
}

}  // namespace hourglass::ae
