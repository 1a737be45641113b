#pragma once

#include <string>
#include <vector>

namespace hourglass::internal {

// Whether a table's first line names its columns, by what it holds and what the second holds (empty
// where there is none); csv.h has the rule.
bool looks_like_header(const std::vector<std::string>& first,
                       const std::vector<std::string>& second, bool decimal_comma);

}  // namespace hourglass::internal
