#include "autograd/ops/draw.h"

#include <algorithm>

namespace hourglass::internal {

Draw::Draw(kernels::DrawFunction function, const Attributes& attributes)
    : function_(function),
      dtype_(attributes.dtype("dtype")),
      stream_(static_cast<std::uint32_t>(attributes.integer("number"))) {
  for (const std::int64_t size : attributes.integers("shape")) per_key_ *= size;
}

void Draw::run(const void* keys, const void* steps, std::int64_t first, void* y,
               std::int64_t n) const {
  const auto* words = static_cast<const std::int32_t*>(keys);
  while (n > 0) {
    const std::int64_t key = first / per_key_, begin = first % per_key_;
    const std::int64_t count = std::min(n, per_key_ - begin);
    const kernels::RandomStream random{
        static_cast<std::uint32_t>(words[2 * key]), static_cast<std::uint32_t>(words[2 * key + 1]),
        static_cast<std::uint32_t>(static_cast<const std::int32_t*>(steps)[key]), stream_};
    function_(dtype_, random, begin, y, count);
    y = static_cast<char*>(y) + static_cast<std::size_t>(count) * size_of(dtype_);
    first += count;
    n -= count;
  }
}

}  // namespace hourglass::internal
