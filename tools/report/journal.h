#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tools/run_folder.h"

namespace hourglass::tools {

inline constexpr std::uint64_t kMostOfJournal = std::uint64_t{1} << 30;  // bytes

std::vector<std::string> lines_of(const std::string& text);

// The lines of a journal, such as metrics.jsonl, each an object. Throws Error, naming the command, the
// file and the line that is none.
Json journal(const char* who, const std::string& path);

}  // namespace hourglass::tools
