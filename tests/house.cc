// The rules of the house that a compiler does not know: who may include whom, and what a source
// file looks like.

#include <doctest/doctest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "tests/sources.h"

namespace {

using namespace hourglass::testing;

// A room may include itself and the rooms below it; hourglass.h is all of the library. The programs
// of bench read their command lines as the program does. Tests stand above everything.
const std::map<std::string, int> kFloors = {{"tensor", 0},   {"autograd", 1},    {"nn", 2},
                                            {"ae", 3},       {"hourglass.h", 4}, {"tools", 5},
                                            {"examples", 5}, {"bench", 6},       {"tests", 7}};

std::string room_of(const std::string& path) { return path.substr(0, path.find('/')); }

bool starts_with_any(std::string_view text, const std::vector<std::string_view>& starts) {
  return std::any_of(starts.begin(), starts.end(),
                     [&](std::string_view start) { return text.starts_with(start); });
}

// Headers stand in the sources, or meson makes them of a file there.
bool is_known(const std::string& path) {
  return find_source(path) != nullptr || !read_text(path + ".in").empty();
}

// A file is listed in the meson.build of its folder or of one above, by its path from there.
bool listed_in_meson(const std::string& path) {
  for (std::filesystem::path folder = std::filesystem::path(path).parent_path(); !folder.empty();
       folder = folder.parent_path()) {
    const std::string text = read_text((folder / "meson.build").generic_string());
    const std::string name = path.substr(folder.generic_string().size() + 1);
    if (text.find("'" + name + "'") != std::string::npos) return true;
  }
  return false;
}

bool needs_x86(const Source& source) {
  static constexpr std::string_view kWords[] = {
      "immintrin.h",   "cpuid.h", "__builtin_ia32_", "__builtin_cpu_",
      "target_clones", "_mm256_", "_mm512_"};
  if (source.path == "tests/house.cc") return false;  // it names them
  bool guarded = false;
  for (const std::string& line : source.lines) {
    const auto has = [&](std::string_view word) { return line.find(word) != std::string::npos; };
    if (line.starts_with("#if")) guarded = has("__x86_64__") || has("HWY_AVX");
    if (line.starts_with("#e")) guarded = false;
    if (!guarded && std::any_of(std::begin(kWords), std::end(kWords), has)) return true;
  }
  return false;
}

}  // namespace

TEST_CASE("a file includes only its own room and the rooms below, by the path from the root") {
  std::string wrong;
  for (const Source& source : sources()) {
    const int floor = kFloors.at(source.room());
    for (const std::string& path : source.own_includes) {
      const auto room = kFloors.find(room_of(path));
      const bool allowed = room != kFloors.end() &&
                           (room->first == source.room() || room->second < floor) && is_known(path);
      if (!allowed) wrong += source.path + " includes " + path + "\n";
    }
  }
  CHECK(wrong == "");
}

TEST_CASE("only tensor/kernels knows Highway and BLAS") {
  CHECK(offenders([](const Source& source) {
          if (source.path.starts_with("tensor/kernels/")) return false;
          const std::vector<std::string>& includes = source.includes;
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
    if (!source.is_header() || kFloors.at(source.room()) > 4) continue;
    if (!listed_in_meson(source.path)) continue;
    for (const std::string& path : source.own_includes) {
      if (!listed_in_meson(path)) wrong += source.path + " includes " + path + "\n";
    }
  }
  CHECK(wrong == "");
}

TEST_CASE("hourglass.h leads to every header that is installed, and to no other") {
  std::set<std::string> reached = {"hourglass.h"};
  std::vector<std::string> left = {"hourglass.h"};
  while (!left.empty()) {
    const Source* source = find_source(left.back());
    left.pop_back();
    for (const std::string& path : source->own_includes) {
      if (reached.insert(path).second) left.push_back(path);
    }
  }
  std::string wrong;
  for (const Source& source : sources()) {
    // The certificate is a library of its own.
    if (!source.is_header() || kFloors.at(source.room()) > 3) continue;
    if (source.folder() == "autograd/certificate") continue;
    const bool installed = listed_in_meson(source.path);
    if (installed != (reached.count(source.path) > 0)) wrong += source.path + "\n";
  }
  CHECK(wrong == "");
}

// Rooms with a namespace of their own, and node.h, whose Node every handle points to.
TEST_CASE("what is not installed is internal") {
  CHECK(offenders([](const Source& source) {
          if (!source.is_header() || kFloors.at(source.room()) > 3) return false;
          if (listed_in_meson(source.path) || source.path == "autograd/graph/node.h") return false;
          return std::any_of(source.lines.begin(), source.lines.end(), [](const std::string& line) {
            return line == "namespace hourglass {" || line == "namespace hourglass::nn {" ||
                   line == "namespace hourglass::ae {";
          });
        }) == "autograd/compile/program_body.h\n");  // of Program, which is not
}

// Files that Highway includes once a target have guards of their own.
TEST_CASE("a header is included once") {
  CHECK(offenders([](const Source& source) {
          return source.is_header() && !source.path.ends_with("-inl.h") &&
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

// bench and examples are not built for another architecture by tools/test-arm.
TEST_CASE("what x86 alone has stands behind a condition") { CHECK(offenders(needs_x86) == ""); }

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

TEST_CASE("the program for the sanitizer of races holds every test of concurrency") {
  const std::string meson = read_text("tests/meson.build");
  const std::size_t start = meson.find("thread_sources = [");
  REQUIRE(start != std::string::npos);
  const std::string listed = meson.substr(start, meson.find(']', start) - start);
  const std::regex title(R"re(TEST_CASE(_TEMPLATE)?\("[^"]*(thread|parallel|loop|team))re");
  CHECK(offenders([&](const Source& source) {
          if (source.room() != "tests" || source.path.starts_with("tests/data/")) return false;
          return std::regex_search(read_text(source.path), title) &&
                 listed.find("'" + source.path.substr(6) + "'") == std::string::npos;
        }) == "");
}
