#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace hourglass::bench {

std::string cpu_name();  // "AMD EPYC (family 25, model 17)", as the system has it

// The most memory that this process held since the last reset, in bytes.
void reset_peak_memory();
std::int64_t peak_memory();

// What main returns: f's result, or with one line on standard error 2 for a user's mistake (Error)
// and 1 for anything else.
int guarded(const char* program, const std::function<int()>& f);

}  // namespace hourglass::bench
