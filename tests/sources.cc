#include "tests/sources.h"
#include "tests/places.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace hourglass::testing {
namespace {

namespace fs = std::filesystem;

std::vector<std::string> includes_of(const std::vector<std::string>& lines) {
  static const std::regex pattern(R"(^\s*#\s*include\s*(["<][^">]*)[">])");
  std::vector<std::string> includes;
  for (const std::string& line : lines) {
    const bool may = line.find("include") != std::string::npos;
    std::smatch match;
    if (may && std::regex_search(line, match, pattern)) includes.push_back(match[1]);
  }
  return includes;
}

Source read_source(const std::string& path) {
  Source source{path, read_text(path), {}, {}, {}};
  source.lines = lines_of(source.text);
  source.includes = includes_of(source.lines);
  for (const std::string& include : source.includes) {
    const bool own = include[0] == '"' && !include.starts_with("\"hwy/");
    if (own) source.own_includes.push_back(include.substr(1));
  }
  return source;
}

std::vector<Source> read_sources() {
  const fs::path root = HOURGLASS_SOURCE_ROOT;
  std::vector<Source> found = {read_source("hourglass.h")};
  for (const char* room :
       {"tensor", "autograd", "nn", "ae", "tools", "examples", "bench", "tests"}) {
    for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
      const std::string extension = entry.path().extension().string();
      if (extension != ".cc" && extension != ".h") continue;
      found.push_back(read_source(fs::relative(entry.path(), root).generic_string()));
    }
  }
  std::sort(found.begin(), found.end(),
            [](const Source& a, const Source& b) { return a.path < b.path; });
  return found;
}

}  // namespace

const std::vector<Source>& sources() {
  static const std::vector<Source> all = read_sources();
  return all;
}

const Source* find_source(std::string_view path) {
  const std::vector<Source>& all = sources();
  const auto found = std::lower_bound(
      all.begin(), all.end(), path,
      [](const Source& source, std::string_view wanted) { return source.path < wanted; });
  return found != all.end() && found->path == path ? &*found : nullptr;
}

std::string read_text(std::string_view path) {
  std::ifstream in(fs::path(HOURGLASS_SOURCE_ROOT) / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::size_t start = 0;
  while (start < text.size()) {
    const std::size_t end = std::min(text.find('\n', start), text.size());
    lines.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return lines;
}

}  // namespace hourglass::testing
