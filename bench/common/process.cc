#include "bench/common/process.h"

#include <fmt/core.h>
#include <sys/resource.h>

#include <fstream>
#include <string>

namespace hourglass::bench {
namespace {

// The value of the first line `key<spaces>: value` of a file of /proc; empty if there is none.
std::string proc_value(const char* path, const std::string& key) {
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

}  // namespace

std::string cpu_name() {
  const char* const info = "/proc/cpuinfo";
  const std::string name = proc_value(info, "model name");
  if (name.empty()) return "unknown CPU";
  return fmt::format("{} (family {}, model {})", name, proc_value(info, "cpu family"),
                     proc_value(info, "model"));
}

double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

// 5 resets the high-water mark (proc(5)); where that is not allowed the mark of the process stays.
void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5\n"; }

std::int64_t peak_memory() {
  const std::string mark = proc_value("/proc/self/status", "VmHWM");  // "12345 kB"
  if (!mark.empty()) return std::stoll(mark) * 1024;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace hourglass::bench
