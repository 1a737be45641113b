#include "tools/room.h"

#include <pthread.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <thread>

#include "tools/command_line.h"

namespace hourglass::tools {
namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
constexpr std::size_t kStack = 8 * kMiB;  // what Linux gives where nobody limits it

// How many threads OpenBLAS will count on. This and its caller run before any sanitizer is set up.
__attribute__((no_sanitize("address", "thread", "undefined"))) std::size_t blas_threads() {
  cpu_set_t cpus;
  const bool known = ::sched_getaffinity(0, sizeof cpus, &cpus) == 0;
  const int all = known ? CPU_COUNT(&cpus) : 1;
  for (const char* name : {"OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}) {
    const char* text = std::getenv(name);
    const int asked = text == nullptr ? 0 : std::atoi(text);
    if (asked > 0) return static_cast<std::size_t>(std::min(asked, all));
  }
  return static_cast<std::size_t>(all);
}

// OpenBLAS takes 128 MiB a thread when it is loaded, and where there is no room it asks for ever.
__attribute__((no_sanitize("address", "thread", "undefined"))) void check_address_space(int, char**,
                                                                                        char**) {
  const std::size_t bytes = (128 * blas_threads() + 32) * kMiB;
  void* room = ::mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (room != MAP_FAILED) {
    ::munmap(room, bytes);
    return;
  }
  constexpr std::string_view kText =
      "hourglass: error: too little address space (ulimit -v) for OpenBLAS, which takes 128 MiB a "
      "thread: fewer by OMP_NUM_THREADS\n";
  if (::write(STDERR_FILENO, kText.data(), kText.size()) < 0) ::_exit(kFailed);
  ::_exit(kFailed);
}

// Called ahead of every library's own initialisation.
__attribute__((section(".preinit_array"), used)) void (*const kCheck)(int, char**,
                                                                      char**) = check_address_space;

}  // namespace

int with_stack(const std::function<int()>& run) {
  rlimit limit = {};
  if (::getrlimit(RLIMIT_STACK, &limit) != 0 || limit.rlim_cur >= kStack) return run();
  pthread_attr_t attributes;
  ::pthread_attr_init(&attributes);
  ::pthread_attr_setstacksize(&attributes, kStack);
  ::pthread_setattr_default_np(&attributes);  // of OpenMP's threads, too
  ::pthread_attr_destroy(&attributes);
  int code = 0;
  std::thread([&] { code = run(); }).join();
  return code;
}

}  // namespace hourglass::tools
