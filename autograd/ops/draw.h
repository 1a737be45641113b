#pragma once

#include <cstdint>

#include "autograd/graph/attributes.h"
#include "tensor/kernels.h"

namespace hourglass::internal {

// What a random node draws, all at once or piece by piece: the numbers of a piece do not depend on
// where it begins. Internal to the random ops and to loops.
class Draw {
 public:
  Draw() = default;
  Draw(kernels::DrawFunction function, const Attributes& attributes);  // of the node

  explicit operator bool() const { return function_ != nullptr; }

  // Elements [first, first + n) of the node, row-major, to y. Keys are i32 [K, 2], steps i32 [K].
  void run(const void* keys, const void* steps, std::int64_t first, void* y, std::int64_t n) const;

 private:
  kernels::DrawFunction function_ = nullptr;
  DType dtype_ = DType::kF32;
  std::uint32_t stream_ = 0;
  std::int64_t per_key_ = 1;  // elements
};

}  // namespace hourglass::internal
