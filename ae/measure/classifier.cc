#include "ae/measure/classifier.h"

#include <fmt/core.h>

#include <algorithm>

#include "ae/model/objective.h"
#include "autograd/ops/ops.h"
#include "nn/layers/losses.h"
#include "nn/train/evaluation.h"
#include "tensor/error.h"

namespace hourglass::ae {
namespace {

// The column of each row's largest number, the first of equals; -1 in rows that are not all finite,
// which have decided nothing.
Var decided(const Var& scores) {
  const Var doubt = sum(scores - scores, {1});  // NaN where one is not finite
  const Var largest = argmax(scores, {1});
  const Var certain = cast(equal(doubt, zeros_like(doubt)), DType::kI32);
  return where(certain, largest, full(largest.shape(), -1, DType::kI32));
}

}  // namespace

nn::Linear fit_softmax_regression(const nn::Rows& features, const Tensor& labels,
                                  std::int64_t classes, const nn::TrainOptions& options,
                                  const nn::TrainCallbacks& callbacks) {
  if (features.shape().rank() != 2) {
    throw Error(
        fmt::format("classifier: features must be [N, D]: got {}", to_string(features.shape())));
  }
  const std::int64_t found = count_classes(features, labels);
  if (found > classes) {
    throw Error(fmt::format("classifier: label {} for {} classes: expected 0 to {}", found - 1,
                            classes, classes - 1));
  }
  nn::Linear top;
  top.weight = parameter(Tensor(Shape{classes, features.shape()[1]}, features.dtype()));
  top.bias = parameter(Tensor(Shape{classes}, features.dtype()));
  top.visit([](const std::string& name, Var& p) { p.named("classifier." + name); });
  nn::check_trained(nn::train(classification_objective(top), {top.weight, top.bias},
                              {features, labels}, options, callbacks));
  return top;
}

double classification_error(const std::function<Var(const Var& rows)>& logits, const nn::Rows& rows,
                            const Tensor& labels, std::int64_t batch) {
  count_classes(rows, labels);
  const Tensor chosen =
      nn::map_rows([&](const nn::Batch& b) { return decided(logits(b[0])); }, {rows}, batch);
  const std::int32_t* a = chosen.data<std::int32_t>();
  const std::int32_t* b = labels.data<std::int32_t>();
  std::int64_t wrong = 0;
  for (std::int64_t i = 0; i < labels.elements(); ++i) wrong += a[i] != b[i];
  return static_cast<double>(wrong) / static_cast<double>(labels.elements());
}

nn::ObjectiveFunction classification_objective(std::function<Var(const Var& rows)> logits) {
  return [logits = std::move(logits)](const nn::Batch& batch, Step&) {
    const Var z = logits(batch[0]);
    const LabelScope scope("loss");
    return nn::make_objective(
        {{"cross_entropy", nn::softmax_cross_entropy(z, batch[1], nn::Reduce::kMeanOverElements)}});
  };
}

Tensor likeliest_classes(const Autoencoder& model, const nn::Rows& images) {
  if (model.spec.classes == 0) throw Error("classifier: the model is not class-conditional");
  const Step step = make_step(0, false);
  return nn::map_rows(
      [&](const nn::Batch& batch) {
        const Var& stored = batch[0];
        std::vector<Var> losses;
        for (std::int64_t c = 0; c < model.spec.classes; ++c) {
          const Var labels = full(Shape{stored.size(0)}, static_cast<double>(c), DType::kI32);
          losses.push_back(image_losses(model, {stored, labels}, step));
        }
        return decided(-stack(losses, 1));
      },
      {images});
}

std::int64_t count_classes(const nn::Rows& rows, const Tensor& labels) {
  if (!labels.defined() || labels.dtype() != DType::kI32 || labels.shape().rank() != 1 ||
      labels.shape()[0] != rows.shape()[0]) {
    throw Error(fmt::format("classifier: needs a label a row: rows={}, labels={}",
                            to_string(rows.shape()),
                            labels.defined() ? to_string(labels.shape()) : "none"));
  }
  const std::int32_t* first = labels.data<std::int32_t>();
  const auto [low, high] = std::minmax_element(first, first + labels.elements());
  if (*low < 0) throw Error(fmt::format("classifier: labels must not be negative: got {}", *low));
  return *high + 1;
}

}  // namespace hourglass::ae
