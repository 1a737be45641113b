#pragma once

#include <cstdint>
#include <string>

namespace hourglass::bench {

std::string cpu_name();  // "AMD EPYC (family 25, model 17)", as the system has it

// What this process has computed so far, in seconds of one core, whatever else the machine does.
double user_seconds();

// The most memory that this process held since the last reset, in bytes.
void reset_peak_memory();
std::int64_t peak_memory();

}  // namespace hourglass::bench
