#include "tensor/waking.h"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <thread>

#include "tensor/error.h"
#include "tensor/parallel.h"

namespace {

using namespace hourglass;
using Clock = std::chrono::steady_clock;

class WakingScope {
 public:
  explicit WakingScope(double seconds) { set_waking_seconds(seconds); }
  ~WakingScope() { set_waking_seconds(before_); }

 private:
  double before_ = waking_seconds();
};

template <class F>
bool within(std::chrono::milliseconds most, F&& holds) {
  const Clock::time_point end = Clock::now() + most;
  while (!holds()) {
    if (Clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

// Whether a loop of two blocks, the first of which takes `most` unless another thread begins the
// second, was shared.
bool shares_loop(std::chrono::milliseconds most) {
  const std::thread::id caller = std::this_thread::get_id();
  std::atomic<bool> joined = false;
  parallel_for(2, [&](std::int64_t block) {
    if (std::this_thread::get_id() != caller) joined = true;
    if (block == 0) within(most, [&] { return joined.load(); });
  });
  return joined;
}

bool helper_fell_asleep() {
  return within(std::chrono::seconds(20), [] { return hourglass::internal::helper_sleeps(); });
}

constexpr std::chrono::milliseconds kShort{3}, kGap{25}, kLong{20'000};

}  // namespace

TEST_CASE("what waking a thread costs is set, and nonsense is refused") {
  const double before = waking_seconds();
  {
    const WakingScope scope(5e-5);
    CHECK(waking_seconds() == 5e-5);
    for (const double nonsense : {0.0, -1e-5, 9e-8, 0.02, std::numeric_limits<double>::infinity(),
                                  std::numeric_limits<double>::quiet_NaN()}) {
      CHECK_THROWS_AS(set_waking_seconds(nonsense), Error);
    }
    CHECK_THROWS_WITH_AS(set_waking_seconds(2), "waking: expected 1e-07 to 0.01 seconds: got 2",
                         Error);
    CHECK(waking_seconds() == 5e-5);
  }
  CHECK(waking_seconds() == before);
}

TEST_CASE("what waking a thread costs is measured where there is a second thread to wake") {
  {
    const ThreadScope one(1);
    CHECK(!measured_waking_seconds());
  }
  const ThreadScope two(2);
  if (const auto seconds = measured_waking_seconds()) CHECK_NOTHROW(check_waking_seconds(*seconds));
  std::optional<double> inside = 1;
  parallel_for(2, [&](std::int64_t block) {
    if (block == 0) inside = measured_waking_seconds();
  });
  CHECK(!inside);
}

TEST_CASE("a thread that sleeps is woken for loops of unknown work, and of much") {
  const ThreadScope two(2);
  RepeatedWork work;
  for (int repeat = 0; repeat < 3; ++repeat) {
    const RepeatedWork::Run run(work);
    CHECK(shares_loop(kLong));  // the first starts it
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    REQUIRE(helper_fell_asleep());
  }
  CHECK(shares_loop(kLong));
}

TEST_CASE("a thread that sleeps is not woken for loops that are shorter than waking it") {
  const ThreadScope two(2);
  const WakingScope scope(1e-2);
  CHECK(shares_loop(kLong));
  RepeatedWork work;
  { const RepeatedWork::Run nothing(work); }  // takes no time, as the next is taken to
  std::this_thread::sleep_for(kGap);
  REQUIRE(helper_fell_asleep());
  {
    const RepeatedWork::Run run(work);
    CHECK(!shares_loop(kShort));
    CHECK(!shares_loop(kShort));
    std::this_thread::sleep_for(kGap);
  }
  std::this_thread::sleep_for(kGap);
  REQUIRE(helper_fell_asleep());
  const RepeatedWork::Run much(work);
  CHECK(shares_loop(kLong));
}

TEST_CASE("a thread that sleeps is woken for short loops that come one after the other") {
  const ThreadScope two(2);
  const WakingScope scope(1e-2);
  CHECK(shares_loop(kLong));
  REQUIRE(helper_fell_asleep());
  RepeatedWork work;
  CHECK(within(kLong, [&] {  // on a busy machine not the first time
    { const RepeatedWork::Run nothing(work); }
    const RepeatedWork::Run next(work);
    return hourglass::internal::worth_waking() > 1000;
  }));
}

TEST_CASE("what is expected of loops ends with the work that they belong to") {
  const ThreadScope two(2);
  const WakingScope scope(1e-2);
  RepeatedWork outer, inner;
  { const RepeatedWork::Run nothing(inner); }
  std::this_thread::sleep_for(kGap);
  const RepeatedWork::Run run(outer);
  {
    const RepeatedWork::Run nested(inner);
    CHECK(hourglass::internal::worth_waking() < 2);
  }
  CHECK(hourglass::internal::worth_waking() > 1000);
}
