#include "tensor/memory.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <optional>

#include "tensor/error.h"

namespace hourglass::internal {
namespace {

constexpr std::size_t kNamed = 3;
constexpr std::size_t kNoLimit = std::numeric_limits<std::size_t>::max();

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

// The number after a name, in a file of lines that begin with both.
std::optional<std::size_t> named_number(const std::string& path, std::string_view name) {
  std::ifstream file(path);
  std::string word, rest;
  std::size_t number = 0;
  while (file >> word >> number) {
    if (word == name) return number;
    std::getline(file, rest);
  }
  return std::nullopt;
}

std::size_t machine_memory() {
  const auto kilobytes = named_number("/proc/meminfo", "MemAvailable:");
  return kilobytes ? *kilobytes * 1024 : kNoLimit;
}

}  // namespace

std::size_t available_memory(std::size_t needed) {
  if (needed <= kAlwaysThere) return kNoLimit;
  return std::min(machine_memory(), control_group_memory("/sys/fs/cgroup"));
}

std::size_t control_group_memory(const std::string& folder) {
  std::size_t most = 0, used = 0;
  if (!(std::ifstream(folder + "/memory.max") >> most)) return kNoLimit;  // none, or "max"
  if (!(std::ifstream(folder + "/memory.current") >> used)) return kNoLimit;
  const std::size_t idle = named_number(folder + "/memory.stat", "inactive_file").value_or(0);
  used -= std::min(used, idle);
  return most - std::min(most, used);
}

void check_memory(std::string_view who, std::string_view what, std::size_t bytes,
                  const std::vector<Needed>& largest, std::size_t limit) {
  if (limit == 0) limit = available_memory(bytes);
  if (bytes <= limit) return;
  std::string text = fmt::format("{}: {} do not fit in memory: {} vs {}", who, what,
                                 megabytes(bytes), megabytes(limit));
  for (std::size_t i = 0; i < std::min(kNamed, largest.size()); ++i) {
    text += fmt::format("{} {} {}", i ? "," : ": largest:", largest[i].what,
                        megabytes(largest[i].bytes));
  }
  throw Error(text);
}

}  // namespace hourglass::internal
