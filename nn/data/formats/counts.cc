#include "nn/data/formats/counts.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>
#include <tuple>
#include <utility>

#include "nn/data/formats/format.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"
#include "tensor/files/text_lines.h"

namespace hourglass::internal {

using namespace nn;

bool end_row(CsrMatrix& table) {
  const auto first = static_cast<std::size_t>(table.row_starts.back());
  const std::size_t last = table.columns.size();
  table.row_starts.push_back(static_cast<std::int64_t>(last));
  const auto begin = table.columns.begin() + static_cast<std::ptrdiff_t>(first);
  if (!std::is_sorted(begin, table.columns.end())) {
    std::vector<std::pair<std::int32_t, float>> entries;
    for (std::size_t p = first; p < last; ++p) {
      entries.emplace_back(table.columns[p], table.values[p]);
    }
    std::sort(entries.begin(), entries.end());
    for (std::size_t p = first; p < last; ++p) {
      std::tie(table.columns[p], table.values[p]) = entries[p - first];
    }
  }
  return std::adjacent_find(begin, table.columns.end()) == table.columns.end();
}

RawData from_counts(const std::string& path, CsrMatrix table) {
  if (table.rows() == 0 || table.width == 0) fail_data(path, "holds no examples");
  const bool counts = std::all_of(table.values.begin(), table.values.end(), [](float x) {
    return x >= 0 && x == std::floor(x) && x <= 0x1p24F;
  });
  const auto sparse = std::make_shared<const CsrMatrix>(std::move(table));
  RawData data;
  if (counts) {
    data.all = {.kind = DataKind::kCounts, .examples = Rows(sparse, DType::kI32)};
  } else {
    data.all = {.kind = DataKind::kRow, .examples = Rows(sparse, DType::kF32)};
    data.notes.emplace_back("not all numbers are counts: taken as rows");
  }
  return data;
}

std::vector<std::string> files_beside(const std::string& path, const std::string& begin,
                                      const std::string& end) {
  namespace fs = std::filesystem;
  std::vector<std::string> found;
  const fs::path folder = fs::path(path).has_parent_path() ? fs::path(path).parent_path() : ".";
  std::error_code error;
  for (fs::directory_iterator each(folder, error), last; !error && each != last;
       each.increment(error)) {
    std::error_code ignored;
    std::string name = each->path().filename().string();
    if (!name.starts_with(begin) || !each->is_regular_file(ignored)) continue;
    if (name.ends_with(".gz")) name.resize(name.size() - 3);
    if (name.ends_with(end)) found.push_back(each->path().string());
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> lines_of(const std::string& path) {
  const InputFile file(path, "data");
  ByteStream stream(file);
  TextLines text(stream);
  std::vector<std::string> lines;
  for (std::string line; text.next(line);) lines.push_back(line);
  return lines;
}

}  // namespace hourglass::internal
