#pragma once

// The sources as text, for tests that hold the house and its documents to them.

#include <string>
#include <string_view>
#include <vector>

namespace hourglass::testing {

struct Source {
  std::string path;  // from the root: "autograd/graph/op.h"
  std::string text;
  std::vector<std::string> lines;
  std::vector<std::string> includes;      // with the opening quote or bracket: "<vector"
  std::vector<std::string> own_includes;  // the house's own files among them: "tensor/shape.h"

  std::string folder() const { return path.substr(0, path.rfind('/')); }
  std::string room() const { return path.substr(0, path.find('/')); }  // "autograd"
  bool is_header() const { return path.ends_with(".h"); }
  // Without its extension: a header and the .cc of its name are one module.
  std::string module() const { return path.substr(0, path.rfind('.')); }
};

// Every .h and .cc file of the rooms, and hourglass.h, by path; read once.
const std::vector<Source>& sources();
const Source* find_source(std::string_view path);  // nullptr if there is none

std::string read_text(std::string_view path);  // of a file, by its path from the root
std::vector<std::string> lines_of(const std::string& text);

// The sources for which `breaks` holds, one a line: an empty text when all is well.
template <class Breaks>
std::string offenders(Breaks&& breaks) {
  std::string text;
  for (const Source& source : sources()) {
    if (breaks(source)) text += source.path + "\n";
  }
  return text;
}

}  // namespace hourglass::testing
