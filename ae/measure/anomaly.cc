#include "ae/measure/anomaly.h"

#include "ae/model/loss.h"
#include "autograd/ops/ops.h"
#include "nn/train/evaluation.h"

namespace hourglass::ae {

Tensor squared_errors(const Autoencoder& model, const Examples& examples) {
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const Batch b = batch_of(batch);
        const Var x = model.target(b.images);
        const Encoded encoded = model.encode(model.scaled(b.images), b.labels);
        const Var y = loss_output(model.spec.loss, model.loss_input(encoded, x));
        const Var error = cast(square(y - x), DType::kF64);
        const Var present = model.present(b.images);
        return present.defined() ? gate(error, cast(present, DType::kF64)) : error;
      },
      tensors_of(examples));
}

std::vector<double> anomaly_scores(const Tensor& squared_errors) {
  const std::int64_t rows = squared_errors.shape()[0], width = squared_errors.shape()[1];
  std::vector<double> scores(static_cast<std::size_t>(rows));
  for (std::int64_t i = 0; i < squared_errors.elements(); ++i) {
    scores[static_cast<std::size_t>(i / width)] +=
        squared_errors.at(i) / static_cast<double>(width);
  }
  return scores;
}

}  // namespace hourglass::ae
