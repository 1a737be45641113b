#pragma once

#include <string>
#include <vector>

#include "tools/command_line.h"

namespace hourglass::tools {

// The manual page, section 1, of a command, "hourglass-train.1", or of the whole program, which is
// the first of `all`: what --help says, as roff (man-pages(7)).
std::string man_page(const std::vector<CommandText>& all, const CommandText& command);

// "hourglass-train", "hourglass".
std::string page_name(const std::vector<CommandText>& all, const CommandText& command);

}  // namespace hourglass::tools
