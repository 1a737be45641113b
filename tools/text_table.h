#pragma once

#include <string>
#include <vector>

namespace hourglass::tools {

using TextTable = std::vector<std::vector<std::string>>;  // rows, the heads first

// In columns as wide as what is in them: the first begins at the left, the others end at the right.
std::string table_text(const TextTable& rows);

}  // namespace hourglass::tools
