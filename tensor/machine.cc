#include "tensor/machine.h"

#include <fmt/core.h>

#include <fstream>
#include <string>

namespace hourglass {

std::string internal::proc_value(const char* path, const std::string& key) {
  std::ifstream in(path);
  for (std::string line; std::getline(in, line);) {
    const std::size_t colon = line.find(':');
    if (colon == std::string::npos) continue;
    const std::size_t end = line.find_last_not_of(" \t", colon - 1);
    if (line.substr(0, end + 1) != key) continue;
    const std::size_t first = line.find_first_not_of(" \t", colon + 1);
    return first == std::string::npos ? "" : line.substr(first);
  }
  return "";
}

std::string cpu_name() {
  const char* const info = "/proc/cpuinfo";
  const std::string name = internal::proc_value(info, "model name");
  if (name.empty()) return "unknown CPU";
  return fmt::format("{} (family {}, model {})", name, internal::proc_value(info, "cpu family"),
                     internal::proc_value(info, "model"));
}

}  // namespace hourglass
