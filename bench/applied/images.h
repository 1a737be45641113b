#pragma once

#include "bench/applied/rows.h"
#include "nn/data/data_set.h"
#include "tensor/tensor.h"

namespace hourglass::bench {

// How many images a model learns from, is judged on, and is shown with.
inline constexpr std::int64_t kLearnt = 20000, kJudged = 500, kShown = 12;

// Small grey images, f32 [N, 28, 28] in [0, 1].
Tensor grey(const nn::DataSet& data);

// Means over images, of what is held to [0, 1], as a file of pixels would, beside clean ones.
struct Quality {
  double psnr = 0, ssim = 0;
};
Tensor held(const Tensor& images);  // to [0, 1]
Quality quality(const Tensor& images, const Tensor& clean);

// Omniglot's characters of a part, "train" or "test", drawn from their strokes: u8 [N, 28, 28].
Tensor characters(const RowSetting& setting, const char* part);

}  // namespace hourglass::bench
