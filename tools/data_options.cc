#include "tools/data_options.h"

#include "nn/data/read_fields.h"

namespace hourglass::tools {
namespace {

// A row of nn::read_fields() as one of the whole.
Field<DataOptions> lifted(const Field<nn::ReadOptions>& f) {
  return {.name = f.name,
          .option = f.option,
          .help = f.help,
          .limits = f.limits,
          .get = [f](const DataOptions& o) { return f.get(o.read); },
          .set = [f](DataOptions& o, const Value& value) { f.set(o.read, value); }};
}

}  // namespace

const std::vector<Field<DataOptions>>& data_fields() {
  using Options = DataOptions;
  static const std::vector<Field<Options>> fields = [] {
    std::vector<Field<Options>> all;
    for (const Field<nn::ReadOptions>& f : nn::read_fields()) all.push_back(lifted(f));
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
