#pragma once

#include <string_view>

namespace hourglass::tools {

// page.html with its style, scripts and charts, made by meson; @DATA@ stands where the data go.
extern const std::string_view kPageText;

}  // namespace hourglass::tools
