#include "tensor/parallel.h"

#include <fmt/core.h>
#include <omp.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <vector>

#include "tensor/error.h"
#include "tensor/waking.h"

namespace hourglass {
namespace {

constexpr int kMaxThreads = 1024;
constexpr int kSpins = 1500;  // some 50 us: longer than the pauses within a training step
// Of measuring what waking costs, in seconds: how long to wait for a thread that was woken, and for
// its core to rest, which then is slower to come back.
constexpr double kPatience = 1e-3, kRest = 1e-3;
constexpr int kWakings = 12, kMissed = 6;  // how many to measure, and how many may fail

thread_local int scoped_threads = 0;      // 0: no ThreadScope on this thread
thread_local bool inside_a_loop = false;  // this thread is running blocks

void pause_core() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#else
  std::this_thread::yield();
#endif
}

// Waits until `value` differs from `old`: awake for a moment, since the next loop of a step is
// mostly near, then asleep. Asleep matters where another program wants the core: OpenMP's barriers,
// which spin, were seen to make a step on a busy machine twenty times slower.
std::uint32_t wait_for_change(const std::atomic<std::uint32_t>& value, std::uint32_t old,
                              std::atomic<bool>* asleep = nullptr) {
  for (int spin = 0; spin < kSpins; ++spin) {
    const std::uint32_t now = value.load(std::memory_order_acquire);
    if (now != old) return now;
    pause_core();
  }
  if (asleep) asleep->store(true, std::memory_order_relaxed);
  value.wait(old, std::memory_order_acquire);
  if (asleep) asleep->store(false, std::memory_order_relaxed);
  return value.load(std::memory_order_acquire);
}

// One loop. Each thread of the team first takes the blocks of its own share, which stay on one core
// from loop to loop and so in its cache, then helps the others.
struct Loop {
  std::int64_t blocks = 0;
  void* context = nullptr;
  void (*body)(void*, std::int64_t) = nullptr;
  int team = 1;
  std::atomic<bool> failed = false;
  std::exception_ptr error = nullptr;

  std::int64_t share(int member) const { return blocks * member / team; }
};

// What belongs to one thread of the team; no two share a cache line.
struct alignas(64) Member {
  std::atomic<std::int64_t> next = 0;   // the next block of its share
  std::atomic<std::uint32_t> call = 0;  // counts the loops that it was called to
  std::atomic<bool> asleep = false;     // waits for a call, and no longer looks out for it
};

// Threads that sleep between loops. The caller of a loop never waits for a thread that has not
// begun: on a busy machine it does the blocks itself, and after a fork, whose child has none of
// these threads, it does all of them. So it does where waking a thread would take longer than what
// there is to do.
class Pool {
 public:
  // Runs the loop on up to `team` threads, or returns false: another thread is using the pool.
  bool run(Loop& loop) {
    const std::unique_lock<std::mutex> owner(owner_, std::try_to_lock);
    if (!owner.owns_lock()) return false;
    const int worth = internal::worth_waking();
    start_workers(std::min(loop.team, worth) - 1);
    for (int member = 0; member < loop.team; ++member) {
      members_[member].next.store(loop.share(member), std::memory_order_relaxed);
    }
    loop_ = &loop;
    gate_.store(0, std::memory_order_release);
    int called = 1;
    for (int member = 1; member < loop.team && member <= workers_; ++member) {
      if (member >= worth && sleeps(member)) continue;
      members_[member].call.fetch_add(1, std::memory_order_release);
      members_[member].call.notify_one();
      ++called;
    }
    int& widest = internal::expectation().widest;
    widest = std::max(widest, called);
    run_blocks(loop, 0);
    close();
    return true;
  }

  bool sleeps(int member) const { return members_[member].asleep.load(std::memory_order_relaxed); }

 private:
  static constexpr std::uint32_t kClosed = 1U << 31;

  // Fewer than asked for, if the system gives no more.
  void start_workers(int wanted) {
    try {
      for (; workers_ < wanted; ++workers_) {
        std::thread([this, member = workers_ + 1] { work(member); }).detach();
      }
    } catch (const std::system_error&) {
    }
  }

  void work(int member) {
    std::uint32_t call = 0;
    for (;;) {
      call = wait_for_change(members_[member].call, call, &members_[member].asleep);
      if (!enter()) continue;
      if (member < loop_->team) run_blocks(*loop_, member);
      if (gate_.fetch_sub(1, std::memory_order_acq_rel) == (kClosed | 1)) gate_.notify_one();
    }
  }

  // Counts this thread in, unless the loop is over. It may be a later loop than the one that called
  // it.
  bool enter() {
    std::uint32_t inside = gate_.load(std::memory_order_relaxed);
    while ((inside & kClosed) == 0) {
      if (gate_.compare_exchange_weak(inside, inside + 1, std::memory_order_acq_rel)) return true;
    }
    return false;
  }

  // Lets nobody in and waits for those inside, each of whom is at its last block.
  void close() {
    std::uint32_t gate = gate_.fetch_or(kClosed, std::memory_order_acq_rel) | kClosed;
    while (gate != kClosed) gate = wait_for_change(gate_, gate);
  }

  void run_blocks(Loop& loop, int member) {
    inside_a_loop = true;
    for (int helped = 0; helped < loop.team; ++helped) {
      const int whose = (member + helped) % loop.team;
      const std::int64_t end = loop.share(whose + 1);
      std::atomic<std::int64_t>& next = members_[whose].next;
      while (next.load(std::memory_order_relaxed) < end) {
        const std::int64_t block = next.fetch_add(1, std::memory_order_relaxed);
        if (block < end) run_block(loop, block);
      }
    }
    inside_a_loop = false;
  }

  static void run_block(Loop& loop, std::int64_t block) {
    if (loop.failed.load(std::memory_order_relaxed)) return;
    try {
      loop.body(loop.context, block);
    } catch (...) {
      if (!loop.failed.exchange(true)) loop.error = std::current_exception();
    }
  }

  std::mutex owner_;
  int workers_ = 0;
  Loop* loop_ = nullptr;                       // written while the gate is closed and nobody inside
  std::atomic<std::uint32_t> gate_ = kClosed;  // how many workers are inside; kClosed: no entry
  Member members_[kMaxThreads];                // 0 is the caller
};

// Never destroyed: its threads live as long as the process.
Pool& pool() {
  static Pool& instance = *new Pool;
  return instance;
}

template <class F>
bool comes_true(double patience, F&& holds) {
  const double end = internal::seconds_now() + patience;
  while (!holds()) {
    if (internal::seconds_now() > end) return false;
  }
  return true;
}

// From here to the first block of a thread that sleeps, or nothing.
std::optional<double> time_waking() {
  const std::thread::id caller = std::this_thread::get_id();
  const double start = internal::seconds_now();
  std::atomic<double> began{0};
  parallel_for(2, [&](std::int64_t block) {
    if (std::this_thread::get_id() != caller) {
      began = internal::seconds_now();
    } else if (block == 0) {
      comes_true(kPatience, [&] { return began > 0; });
    }
  });
  if (began == 0) return {};
  return began - start;
}

}  // namespace

bool internal::helper_sleeps() { return pool().sleeps(1); }

int threads() { return scoped_threads > 0 ? scoped_threads : omp_get_max_threads(); }

ThreadScope::ThreadScope(int threads) : before_(scoped_threads) {
  if (threads < 1 || threads > kMaxThreads) {
    throw Error(fmt::format("threads: expected 1 to {}: got {}", kMaxThreads, threads));
  }
  scoped_threads = threads;
}

ThreadScope::~ThreadScope() { scoped_threads = before_; }

void internal::parallel_blocks(std::int64_t blocks, void* context,
                               void (*body)(void*, std::int64_t)) {
  Loop loop;
  loop.blocks = blocks;
  loop.context = context;
  loop.body = body;
  loop.team = static_cast<int>(std::min<std::int64_t>(blocks, std::min(threads(), kMaxThreads)));
  const bool alone = loop.team <= 1 || inside_a_loop || omp_in_parallel();
  if (alone || !pool().run(loop)) {
    for (std::int64_t block = 0; block < blocks; ++block) body(context, block);
  }
  if (loop.error) std::rethrow_exception(loop.error);
}

// What else the machine does makes it longer only: so the lower quartile.
std::optional<double> measured_waking_seconds() {
  if (threads() < 2) return {};
  const ThreadScope two(2);
  const internal::Expectation before = internal::expectation();
  internal::expectation() = {};
  std::vector<double> times;
  for (int missed = 0; missed < kMissed && times.size() < kWakings;) {
    const bool slept = comes_true(kPatience, internal::helper_sleeps);
    comes_true(kRest, [] { return false; });
    const std::optional<double> time = time_waking();  // the first starts the thread
    if (slept && time) {
      times.push_back(*time);
    } else {
      ++missed;
    }
  }
  internal::expectation() = before;
  if (times.size() < kWakings) return {};
  std::nth_element(times.begin(), times.begin() + kWakings / 4, times.end());
  return std::max(times[kWakings / 4], 1e-6);
}

}  // namespace hourglass
