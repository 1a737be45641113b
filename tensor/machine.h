#pragma once

#include <string>

namespace hourglass {

// "AMD EPYC (family 25, model 17)", as the system has it; "unknown CPU" where it does not say.
std::string cpu_name();

namespace internal {

// The value of the first line `key<spaces>: value` of a file of /proc; empty if there is none.
std::string proc_value(const char* path, const std::string& key);

}  // namespace internal
}  // namespace hourglass
