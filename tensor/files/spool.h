#pragma once

#include <string>

namespace hourglass::internal {

// A pipe or socket as a file without a name that holds all that came through it: a descriptor of
// its own for the caller, from the first byte. What came is kept, since a pipe that is opened again
// by its path has nothing more to give. Waits for the end of the pipe, and first, where `waits`, for
// somebody to write to it. Below 0 with the reason in `problem` where that is not to be had.
int spooled(int descriptor, bool waits, std::string& problem);

}  // namespace hourglass::internal
