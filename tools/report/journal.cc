#include "tools/report/journal.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/json_fields.h"

namespace hourglass::tools {

using namespace internal;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

Json journal(const char* who, const std::string& path) {
  Json all = Json::array();
  for (const std::string& line : lines_of(read_text(path, who, kMostOfJournal))) {
    const std::string where = fmt::format("{}: {}: line {}", who, path, all.size() + 1);
    all.push_back(reading(where, [&] { return parse_json(line); }));
    if (!all.back().is_object()) throw Error(where + ": expected an object");
  }
  return all;
}

}  // namespace hourglass::tools
