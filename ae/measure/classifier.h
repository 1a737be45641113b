#pragma once

#include <cstdint>
#include <functional>

#include "ae/model/autoencoder.h"
#include "nn/layers/linear.h"
#include "nn/train/trainer.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Softmax regression: logits W h + b of features [N, D] (f32), trained by cross-entropy to give
// each row its label (i32 [N], from 0 to classes - 1, else Error). From zero weights, so that only
// the order of the rows depends on the seed; the loss is convex. Throws Error where training
// diverges.
nn::Linear fit_softmax_regression(const nn::Rows& features, const Tensor& labels,
                                  std::int64_t classes, const nn::TrainOptions& options,
                                  const nn::TrainCallbacks& callbacks = {});

// The part of the rows whose largest logit is not their label's; the first of equals counts, and
// logits that are not finite are wrong.
// `logits` maps a batch of rows to [B, classes].
double classification_error(const std::function<Var(const Var& rows)>& logits, const nn::Rows& rows,
                            const Tensor& labels, std::int64_t batch = 500);

// Cross-entropy of a classifier on a batch {rows, labels}: what `train` lowers, of any parameters
// below the logits too (fine-tuning).
nn::ObjectiveFunction classification_objective(std::function<Var(const Var& rows)> logits);

// The class of each image, i32 [N], by a class-conditional model: the one that makes the image's
// loss (image_losses) the smallest, which by Bayes's rule with classes equally likely is the most
// probable, as far as the loss is a bound on -log p(x | class); -1 where a loss is not finite. Throws Error for other
// models.
Tensor likeliest_classes(const Autoencoder& model, const nn::Rows& images);

// 1 + the largest label. Throws Error unless there are as many labels as rows, none below 0.
std::int64_t count_classes(const nn::Rows& rows, const Tensor& labels);

}  // namespace hourglass::ae
