#pragma once

#include <string>

namespace hourglass::tools {

// Draws a graph in Graphviz's language into an SVG file, by the program `dot`. Throws Error where
// that is not installed or refuses; the file is then left as it was.
void write_svg(const std::string& path, const std::string& dot);

}  // namespace hourglass::tools
