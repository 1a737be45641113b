// The rules of the house that a compiler does not know: who may include whom, and what a source
// file looks like.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <regex>
#include <string>
#include <string_view>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Source {
  std::string path;  // from the root: "autograd/graph/op.h"
  std::string text;
  std::vector<std::string> lines;
};

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
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

// A room may include itself and the rooms below it. Tests stand above everything.
const std::map<std::string, int> kFloors = {{"tensor", 0}, {"autograd", 1}, {"nn", 2},
                                            {"ae", 3},     {"tools", 4},    {"examples", 4},
                                            {"bench", 4},  {"tests", 5}};

std::string room_of(const std::string& path) { return path.substr(0, path.find('/')); }

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

const std::vector<Source>& sources() {
  static const std::vector<Source> all = [] {
    const fs::path root = HOURGLASS_SOURCE_ROOT;
    std::vector<Source> found;
    for (const auto& [room, floor] : kFloors) {
      for (const auto& entry : fs::recursive_directory_iterator(root / room)) {
        const std::string extension = entry.path().extension().string();
        if (extension != ".cc" && extension != ".h") continue;
        const std::string text = read_text(entry.path());
        found.push_back({fs::relative(entry.path(), root).generic_string(), text, lines_of(text)});
      }
    }
    return found;
  }();
  return all;
}

// What a file includes, with its quotes or brackets: "\"tensor/shape.h", "<vector".
std::vector<std::string> includes_of(const Source& source) {
  static const std::regex pattern(R"(^\s*#\s*include\s*(["<][^">]*)[">])");
  std::vector<std::string> includes;
  for (const std::string& line : source.lines) {
    if (std::smatch match; std::regex_search(line, match, pattern)) includes.push_back(match[1]);
  }
  return includes;
}

// The sources for which `breaks` holds, one a line: an empty text when all is well.
template <class Breaks>
std::string offenders(Breaks&& breaks) {
  std::string text;
  for (const Source& source : sources()) {
    if (breaks(source)) text += source.path + "\n";
  }
  return text;
}

// A file is listed in the meson.build of its folder or of one above, by its path from there.
bool listed_in_meson(const std::string& path) {
  for (fs::path folder = fs::path(path).parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    const std::string text = read_text(HOURGLASS_SOURCE_ROOT / folder / "meson.build");
    const std::string name = path.substr(folder.generic_string().size() + 1);
    if (text.find("'" + name + "'") != std::string::npos) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a file includes only its own room and the rooms below, by the path from the root") {
  std::string wrong;
  for (const Source& source : sources()) {
    const int floor = kFloors.at(room_of(source.path));
    for (const std::string& include : includes_of(source)) {
      if (include[0] != '"' || include.starts_with("\"hwy/")) continue;
      const std::string path = include.substr(1);
      const auto room = kFloors.find(room_of(path));
      const bool allowed = room != kFloors.end() &&
                           (room->first == room_of(source.path) || room->second < floor) &&
                           fs::exists(fs::path(HOURGLASS_SOURCE_ROOT) / path);
      if (!allowed) wrong += source.path + " includes " + path + "\n";
    }
  }
  CHECK(wrong == "");
}

TEST_CASE("only tensor/kernels knows Highway and BLAS") {
  CHECK(offenders([](const Source& source) {
          if (source.path.starts_with("tensor/kernels/")) return false;
          const std::vector<std::string> includes = includes_of(source);
          return std::any_of(includes.begin(), includes.end(), [](const std::string& include) {
            return starts_with_any(include.substr(1), {"hwy/", "cblas", "lapack", "openblas"});
          });
        }) == "");
}

TEST_CASE("a source file has at most 400 lines") {
  CHECK(offenders([](const Source& source) { return source.lines.size() > 400; }) == "");
}

TEST_CASE("every source file is listed in a meson.build") {
  CHECK(offenders([](const Source& source) {
          return source.path.ends_with(".cc") && !listed_in_meson(source.path);
        }) == "");
}

// Installed is what a room's meson.build lists: a header left out would break its user's build.
TEST_CASE("an installed header includes only installed headers") {
  std::string wrong;
  for (const Source& source : sources()) {
    if (!source.path.ends_with(".h") || kFloors.at(room_of(source.path)) > 3) continue;
    if (!listed_in_meson(source.path)) continue;
    for (const std::string& include : includes_of(source)) {
      if (include[0] == '"' && !listed_in_meson(include.substr(1))) {
        wrong += source.path + " includes " + include.substr(1) + "\n";
      }
    }
  }
  CHECK(wrong == "");
}

// Files that Highway includes once a target have guards of their own.
TEST_CASE("a header is included once") {
  CHECK(offenders([](const Source& source) {
          return source.path.ends_with(".h") && !source.path.ends_with("-inl.h") &&
                 source.text.find("#pragma once\n") == std::string::npos;
        }) == "");
}

TEST_CASE("no macros of our own outside Highway's boilerplate") {
  static const std::regex macro(R"(^\s*#\s*define\s+(\w+))");
  CHECK(offenders([](const Source& source) {
          return !source.path.starts_with("tensor/kernels/") &&
                 std::any_of(source.lines.begin(), source.lines.end(), [](const std::string& line) {
                   std::smatch match;
                   return std::regex_search(line, match, macro) &&
                          !match[1].str().starts_with("DOCTEST_CONFIG_");
                 });
        }) == "");
}

TEST_CASE("sources are plain ASCII without tabs") {
  CHECK(offenders([](const Source& source) {
          return std::any_of(source.text.begin(), source.text.end(),
                             [](char c) { return c == '\t' || static_cast<signed char>(c) < 0; });
        }) == "");
}

TEST_CASE("no source names a folder of one machine") {
  // A string of this file must not match itself.
  static const std::regex machine(R"((^|[^\w.-])/(ho)"
                                  R"(me|ro)"
                                  R"(ot|wo)"
                                  R"(rk)/)");
  CHECK(offenders([](const Source& source) {
          return std::any_of(source.lines.begin(), source.lines.end(), [](const std::string& line) {
            return std::regex_search(line, machine);
          });
        }) == "");
}
