#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/spec.h"
#include "nn/data/data_set.h"
#include "nn/train/train_options.h"

namespace hourglass::ae {

// What a model is fitted to of its data.
struct DataForm {
  nn::DataKind kind = nn::DataKind::kImage;
  Shape example = {1, 28, 28};
  std::int64_t classes = 0;                   // of the labels; 0: there are none
  std::vector<std::int64_t> categories = {};  // of rows: see Spec
};
DataForm form_of(const nn::DataSet& data);  // as many classes as have names, or labels numbers

// A preset, made for images of 28 by 28, for other data: scale, output and loss are those of the
// kind; a code is at most half of an example, where that is no image, and one that is nothing but a
// bottleneck the root of a row's columns; what belongs to a code shrinks with it; maps follow the
// example's shape. All that a preset leaves open is here and in fit_training, and what a user
// writes is laid over it. Throws Error for convolutions over what has no neighbours, and for
// classes without labels.
Spec fit_to(const Spec& preset, const DataForm& data);

// The same of how it is trained, on so many examples: of a table in steps of 32 rows at a rate of
// 0.003, else of at most 128 at the preset's; and for the preset's epochs, or so many, up to 200, that
// a model of few examples is updated as often as one of the 12,000 built-in digits, or, of what is no
// image, 2,000 times. A batch that the preset has stays. Throws Error where nn::batch_size does.
nn::TrainOptions fit_training(nn::TrainOptions preset, nn::DataKind kind, std::int64_t examples);

}  // namespace hourglass::ae
