#include "nn/data/read_options.h"

namespace hourglass::nn {

const EnumNames<Missing>& names_of(Missing) {
  static const EnumNames<Missing> names = {"missing",
                                           {{"refuse", Missing::kRefuse},
                                            {"mask", Missing::kMask},
                                            {"mean", Missing::kMean},
                                            {"drop", Missing::kDrop}}};
  return names;
}

const EnumNames<ImageLayout>& names_of(ImageLayout) {
  static const EnumNames<ImageLayout> names = {
      "layout", {{"CHW", ImageLayout::kChannelsFirst}, {"HWC", ImageLayout::kChannelsLast}}};
  return names;
}

}  // namespace hourglass::nn
