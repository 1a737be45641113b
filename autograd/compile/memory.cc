#include "autograd/compile/memory.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/memory.h"

namespace hourglass::internal {

void check_copies_fit(std::string_view who, std::string_view what, std::vector<Var> tensors,
                      int copies) {
  const auto bytes_of = [](const Var& x) {
    return static_cast<double>(x.elements()) * static_cast<double>(size_of(x.dtype()));
  };
  std::stable_sort(tensors.begin(), tensors.end(),
                   [&](const Var& a, const Var& b) { return bytes_of(a) > bytes_of(b); });
  double bytes = tensors.empty() ? 0 : bytes_of(tensors[0]);
  std::vector<Needed> largest;
  for (const Var& x : tensors) {
    bytes += copies * bytes_of(x);
    largest.push_back({fmt::format("{} {} {}", x.label(), name_of(x.dtype()), to_string(x.shape())),
                       static_cast<std::size_t>(bytes_of(x))});
  }
  constexpr double kMost = 1e19;  // what a size_t holds
  check_memory(who, what, static_cast<std::size_t>(std::min(bytes, kMost)), largest);
}

}  // namespace hourglass::internal
