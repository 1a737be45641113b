#include "tensor/counted.h"

#include <fmt/core.h>

namespace hourglass::internal {

std::string counted(std::uint64_t n, std::string_view one) {
  return fmt::format("{} {}{}", n, one, n == 1 ? "" : one.ends_with('s') ? "es" : "s");
}

}  // namespace hourglass::internal
