#include "bench/common/process.h"

#include <sys/resource.h>

#include <fstream>
#include <string>

#include "tensor/machine.h"

namespace hourglass::bench {
double user_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

// 5 resets the high-water mark (proc(5)); where that is not allowed the mark of the process stays.
void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << "5\n"; }

std::int64_t peak_memory() {
  const std::string mark = internal::proc_value("/proc/self/status", "VmHWM");  // "12345 kB"
  if (!mark.empty()) return std::stoll(mark) * 1024;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;
}

}  // namespace hourglass::bench
