#pragma once

#include <cstdint>

namespace hourglass::bench {

// What this process has computed so far, in seconds of one core, whatever else the machine does.
double user_seconds();

// The most memory that this process held since the last reset, in bytes.
void reset_peak_memory();
std::int64_t peak_memory();

}  // namespace hourglass::bench
