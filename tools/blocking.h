#pragma once

#include <string>

namespace hourglass::tools {

// How products are cut, as --blocking asks: "measured" measures it once a machine, when a process
// multiplies much, and keeps it in a file of the user's cache folder, beside what it costs to wake a
// thread; else as kernels::GemmBlocking::from_text has it. Throws Error.
void choose_blocking(const std::string& asked);
const std::string& blocking_asked();

// "depth=1024,..., by default": what products take, and where it comes from.
std::string blocking_text();
// "28 us, by default": what loops take waking a thread for, and where it comes from.
std::string waking_text();

}  // namespace hourglass::tools
