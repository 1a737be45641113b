#pragma once

#include <string>

namespace hourglass::internal {

// A path in the folder of `target` that nobody else uses: ".NAME.PID-N.tmp", hidden, or for what a
// person may want to look at while it grows, "NAME.partial-PID-N". Another one at each call.
std::string temporary_name(const std::string& target);
std::string partial_name(const std::string& target);

}  // namespace hourglass::internal
