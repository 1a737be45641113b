#include "tensor/parallel.h"

#include <fmt/core.h>
#include <omp.h>

#include <atomic>
#include <exception>

#include "tensor/error.h"

namespace hourglass {
namespace {

thread_local int scoped_threads = 0;  // 0: no ThreadScope on this thread

}  // namespace

int threads() { return scoped_threads > 0 ? scoped_threads : omp_get_max_threads(); }

ThreadScope::ThreadScope(int threads) : before_(scoped_threads) {
  if (threads < 1 || threads > 1024) {
    throw Error(fmt::format("threads: expected 1 to 1024: got {}", threads));
  }
  scoped_threads = threads;
}

ThreadScope::~ThreadScope() { scoped_threads = before_; }

void internal::parallel_blocks(std::int64_t blocks, void* context,
                               void (*body)(void*, std::int64_t)) {
  const int team = static_cast<int>(blocks < threads() ? blocks : threads());
  if (team <= 1 || omp_in_parallel()) {
    for (std::int64_t block = 0; block < blocks; ++block) body(context, block);
    return;
  }
  std::exception_ptr error;
  std::atomic<bool> failed = false;
#pragma omp parallel for num_threads(team) schedule(dynamic, 1)
  for (std::int64_t block = 0; block < blocks; ++block) {
    if (failed.load(std::memory_order_relaxed)) continue;
    try {
      body(context, block);
    } catch (...) {
      if (!failed.exchange(true)) error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace hourglass
