#pragma once

#include <functional>

namespace hourglass::tools {

// Runs it where the stack is what a program may count on: under a smaller `ulimit -s` on a thread
// of its own, and so are all threads made from then on.
int with_stack(const std::function<int()>& run);

// A program that this is linked to also ends with one line where a limit on its address space would
// keep a library that it needs from ever starting.

}  // namespace hourglass::tools
