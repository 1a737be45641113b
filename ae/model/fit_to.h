#pragma once

#include <cstdint>
#include <vector>

#include "ae/model/spec.h"
#include "nn/data/data_set.h"

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
// kind; a code is at most half of an example, where that is no image, and what belongs to a code
// shrinks with it; maps follow the example's shape. All that a preset leaves open is here, and what
// a user writes is laid over it. Throws Error for convolutions over what has no neighbours, and for
// classes without labels.
Spec fit_to(const Spec& preset, const DataForm& data);

// The preset's epochs, or so many, up to 200, that a model of few examples is updated as often as
// one of the 12,000 built-in digits, or, of what is no image, 2,000 times. updates_an_epoch: at
// least 1.
std::int64_t fit_epochs(std::int64_t preset, nn::DataKind kind, std::int64_t updates_an_epoch);

}  // namespace hourglass::ae
