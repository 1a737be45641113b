#include "bench/kernels/families.h"

#include <fmt/core.h>

namespace hourglass::bench {

std::size_t level_of(const Machine& machine, double bytes) {
  std::size_t level = 0;
  while (level + 1 < machine.levels().size() &&
         bytes > 2 * static_cast<double>(machine.levels()[level].bytes)) {
    ++level;
  }
  return level;
}

void at_all_sizes(const Machine& machine, const std::string& name, int arrays, const AtSize& f) {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    for (std::size_t level = 0; level < machine.levels().size(); ++level) {
      const Level& l = machine.levels()[level];
      const std::int64_t n = l.bytes / arrays / static_cast<std::int64_t>(size_of(dtype));
      for (int threads : machine.threads()) {
        f(fmt::format("{}/{}/{}/{}", name, name_of(dtype), l.name, threads), dtype, level, threads,
          n);
      }
    }
  }
}

}  // namespace hourglass::bench
