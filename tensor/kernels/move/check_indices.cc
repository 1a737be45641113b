#include "tensor/kernels/move/check_indices.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <string>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

constexpr std::int64_t kCheckGrain = std::int64_t{1} << 16;  // indices
constexpr std::int64_t kMostPlaces = std::int64_t{1} << 31;  // that an index can name

bool in_range(std::int32_t index, std::int64_t n) { return index >= 0 && index < n; }

}  // namespace

void internal::check_indices(const char* who, const char* array, const std::int32_t* indices,
                             std::int64_t count, std::int64_t n, std::int64_t columns) {
  std::atomic<bool> good = true;
  parallel_ranges(count, kCheckGrain, [&](std::int64_t first, std::int64_t last) {
    // Negative where the index or what it leaves of the axis is: a loop that becomes vectors.
    const auto end = static_cast<std::uint32_t>(std::min(n, kMostPlaces) - 1);
    std::uint32_t signs = 0;
    for (std::int64_t j = first; j < last; ++j) {
      const auto index = static_cast<std::uint32_t>(indices[j]);
      signs |= index | (end - index);
    }
    if (static_cast<std::int32_t>(signs) < 0) good = false;
  });
  if (good) return;
  const std::int64_t j =
      std::find_if(indices, indices + count, [&](auto index) { return !in_range(index, n); }) -
      indices;
  const std::string position =
      columns > 0 ? fmt::format("{}, {}", j / columns, j % columns) : fmt::format("{}", j);
  throw Error(fmt::format("{}: index out of range: {}[{}] = {}: {}", who, array, position,
                          indices[j],
                          n > 0 ? fmt::format("expected 0 to {}", n - 1) : "the axis is empty"));
}

}  // namespace hourglass::kernels
