#pragma once

#include <string>

namespace hourglass::internal {

// A path in the folder of `target` that nobody else uses, hidden: ".NAME.PID-N.tmp". Another one at
// each call.
std::string temporary_name(const std::string& target);

}  // namespace hourglass::internal
