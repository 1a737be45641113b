#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hourglass::internal {

// "1 epoch", "2 epochs", "0 classes": so many of what has a regular plural.
std::string counted(std::uint64_t n, std::string_view one);

}  // namespace hourglass::internal
