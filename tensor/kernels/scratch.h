#pragma once

#include <cstddef>
#include <cstdint>

namespace hourglass::kernels::internal {

// What a thread's buffer is for: two users that may be active on one thread at once need two names.
enum class Scratch { kReduction, kPatches, kProducts, kPanels, kCount };

// A 64-byte aligned buffer of this thread that only ever grows: kernels do not allocate once warm.
// It stays valid, with what it holds, until the next call for the same use on the same thread.
// Throws std::bad_alloc.
void* scratch_bytes(Scratch use, std::size_t bytes);

template <class T>
T* scratch(Scratch use, std::int64_t elements) {
  return static_cast<T*>(scratch_bytes(use, static_cast<std::size_t>(elements) * sizeof(T)));
}

}  // namespace hourglass::kernels::internal
