#include "tools/data.h"

#include <fmt/core.h>

#include "nn/data/digits.h"
#include "nn/data/images.h"
#include "nn/data/read_data.h"
#include "nn/data/windows.h"
#include "tensor/error.h"

namespace hourglass::tools {
namespace {

void check_options(const DataOptions& o, const nn::RawData& data) {
  const bool series = data.all.kind == nn::DataKind::kSeries;
  if (series && o.window == 0) {
    throw Error(
        "window: a series is learnt in windows: say how many time steps, as in --window 32");
  }
  if (!series && o.window > 0) {
    throw Error(
        fmt::format("window: the data are {}: only a series has windows", nn::kind_text(data.all)));
  }
  if (o.pad > 0 && data.all.kind != nn::DataKind::kImage) {
    throw Error(
        fmt::format("pad: the data are {}: only images are padded", nn::kind_text(data.all)));
  }
}

}  // namespace

std::string data_help(const std::string& otherwise) {
  return "A table (CSV), images (PNG, JPEG, PNM, IDX), arrays (NPY, NPZ, safetensors), counts "
         "(SVMlight, Matrix Market), texts: a file, a folder of them, or - " +
         otherwise;
}

nn::RawData load_data(const std::string& path, const DataOptions& options) {
  check_all_limits(options, data_fields());
  if (path.empty()) return {.all = nn::digits(12000, 1), .test = nn::digits(2000, 2)};
  nn::ReadOptions read = options.read;
  read.series = options.window > 0;
  nn::RawData data = nn::read_data(path, read);
  check_options(options, data);
  if (options.pad == 0) return data;
  const auto padded = [&](const Tensor& images) { return nn::pad_images(images, options.pad); };
  data.all.examples = data.all.examples.map(padded);
  if (data.test) data.test->examples = data.test->examples.map(padded);
  return data;
}

std::string class_name(const nn::DataSet& data, std::int32_t label) {
  const auto at = static_cast<std::size_t>(label);
  return at < data.classes.size() ? data.classes[at] : std::to_string(label);
}

nn::DataSet examples_in(const nn::RawData& data, const DataOptions& options) {
  return options.window > 0 ? nn::windows(data, options.window, options.stride) : data.all;
}

}  // namespace hourglass::tools
