#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::internal {

// Not worth a look at what the system says.
inline constexpr std::size_t kAlwaysThere = std::size_t{1} << 20;

// Bytes that the machine has left, or the container where that has less, by what Linux says of
// them; no limit where that cannot be read, or where no more than kAlwaysThere are needed.
std::size_t available_memory(std::size_t needed = std::numeric_limits<std::size_t>::max());

// Bytes that the limit of a control group (version 2) leaves, by the files of its folder: pages of
// files that are read no more would give way. No limit where there are no files, or they say "max".
std::size_t control_group_memory(const std::string& folder);

// Something large that a user knows by name.
struct Needed {
  std::string what;  // "tanh f32 [1000, 1000]"
  std::size_t bytes = 0;
};

// Throws Error where more is needed than the limit, or, where that is 0, than is available, naming
// the first three of `largest`: "compile: buffers do not fit in memory: 12.0 MB vs 5.0 MB: largest:
// tanh f32 [1000, 1000] 4.0 MB, ...". Asked ahead of allocating: a system that promises more memory
// than it has kills who uses it.
void check_memory(std::string_view who, std::string_view what, std::size_t bytes,
                  const std::vector<Needed>& largest = {}, std::size_t limit = 0);

}  // namespace hourglass::internal
