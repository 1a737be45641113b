#include "tensor/memory.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>

#include "tensor/error.h"

namespace hourglass {
namespace {

constexpr std::size_t kNamed = 3;

std::string megabytes(std::size_t bytes) {
  return fmt::format("{:.1f} MB", static_cast<double>(bytes) / 1e6);
}

}  // namespace

std::size_t available_memory() {
  std::ifstream file("/proc/meminfo");
  std::string name, unit;
  std::size_t kilobytes = 0;
  while (file >> name >> kilobytes) {
    if (name == "MemAvailable:") return kilobytes * 1024;
    std::getline(file, unit);
  }
  return static_cast<std::size_t>(-1);
}

void check_memory(std::string_view who, std::string_view what, std::size_t bytes, std::size_t limit,
                  const std::vector<Needed>& largest) {
  if (bytes <= limit) return;
  std::string text = fmt::format("{}: {} do not fit in memory: {} vs {}", who, what,
                                 megabytes(bytes), megabytes(limit));
  for (std::size_t i = 0; i < std::min(kNamed, largest.size()); ++i) {
    text += fmt::format("{} {} {}", i ? "," : ": largest:", largest[i].what,
                        megabytes(largest[i].bytes));
  }
  throw Error(text);
}

}  // namespace hourglass
