#pragma once

#include <cstdint>
#include <type_traits>

namespace hourglass {

// How many threads the loops below may use on the calling thread: the machine's cores (or
// OMP_NUM_THREADS) unless a ThreadScope says otherwise.
int threads();

// Sets threads() for the calling thread while it lives. Throws Error unless 1 <= threads <= 1024.
class ThreadScope {
 public:
  explicit ThreadScope(int threads);
  ~ThreadScope();
  ThreadScope(const ThreadScope&) = delete;
  ThreadScope& operator=(const ThreadScope&) = delete;

 private:
  int before_;
};

namespace internal {
void parallel_blocks(std::int64_t blocks, void* context, void (*body)(void*, std::int64_t));
}

// Calls body(block) once for each block in [0, blocks), on several threads. What a block is may
// depend on sizes only, never on threads(): that is what keeps bits equal on any number of threads.
// The first exception that a block throws is rethrown here. A loop inside a loop runs on the
// calling thread.
template <class Body>
void parallel_for(std::int64_t blocks, Body&& body) {
  void* const context = const_cast<void*>(static_cast<const void*>(&body));  // a const body too
  internal::parallel_blocks(blocks, context, [](void* context, std::int64_t block) {
    (*static_cast<std::remove_reference_t<Body>*>(context))(block);
  });
}

// The same over [0, n) in consecutive ranges of `grain` elements (the last may be shorter):
// body(first, last). Small jobs stay on the calling thread.
template <class Body>
void parallel_ranges(std::int64_t n, std::int64_t grain, Body&& body) {
  const std::int64_t blocks = (n + grain - 1) / grain;
  parallel_for(blocks, [&](std::int64_t block) {
    const std::int64_t first = block * grain;
    body(first, n - first < grain ? n : first + grain);
  });
}

}  // namespace hourglass
