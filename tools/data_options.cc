#include "tools/data_options.h"

#include "nn/data/read_fields.h"

namespace hourglass::tools {

const std::vector<Field<DataOptions>>& data_fields() {
  using Options = DataOptions;
  static const std::vector<Field<Options>> fields = [] {
    std::vector<Field<Options>> all = part_fields<Options>(
        nn::read_fields(), [](auto& o) -> auto& { return o.read; });
    all.push_back(field("window", "window", "A series in windows of so many time steps",
                        &Options::window, at_least(0)));
    all.push_back(field("stride", "stride", "Time steps from one window to the next",
                        &Options::stride, at_least(1)));
    all.push_back(field("pad", "pad", "Zeros around smaller images, to so many pixels a side",
                        &Options::pad, at_least(0)));
    return all;
  }();
  return fields;
}

}  // namespace hourglass::tools
