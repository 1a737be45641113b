#include "nn/data/read_data.h"

#include <filesystem>
#include <utility>

#include "nn/data/formats/folder.h"
#include "nn/data/formats/format.h"
#include "nn/data/formats/kinds.h"
#include "tensor/files/input_file.h"

namespace hourglass::nn {

RawData read_data(const std::string& path, const ReadOptions& said) {
  ReadOptions options = said;
  options.series = options.series || options.kind == DataKind::kSeries;
  std::error_code ignored;
  RawData data;
  if (std::filesystem::is_directory(path, ignored)) {
    data = internal::read_folder(path, options);
  } else {
    const internal::DataFile file = internal::look_at(path);
    const internal::Format* format = internal::format_of(file, options);
    if (format == nullptr) {
      internal::fail_data(path, "expected data, found " + looks_like(file.head.substr(0, 64)));
    }
    data = internal::read_file(file, *format, options);
  }
  if (options.kind) internal::become(data, *options.kind, path);
  data.all.source = path;
  if (data.test) data.test->source = path;
  return data;
}

std::vector<std::string> data_formats() {
  std::vector<std::string> all;
  for (const internal::Format* format : internal::all_formats()) all.emplace_back(format->what);
  return all;
}

}  // namespace hourglass::nn
