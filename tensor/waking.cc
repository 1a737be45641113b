#include "tensor/waking.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <chrono>

#include "tensor/error.h"

namespace hourglass {
namespace {

constexpr double kLeastWaking = 1e-7, kMostWaking = 1e-2;

// What is measured on two cores of Zen 4 under KVM: 18 to 32 us in 30 tries, mostly 25 to 30.
std::atomic<double> waking{28e-6};

thread_local internal::Expectation expected;

}  // namespace

double internal::seconds_now() {
  const auto now = std::chrono::steady_clock::now().time_since_epoch();
  return std::chrono::duration<double>(now).count();
}

double waking_seconds() { return waking; }

void check_waking_seconds(double seconds) {
  if (seconds >= kLeastWaking && seconds <= kMostWaking) return;
  throw Error(
      fmt::format("waking: expected {} to {} seconds: got {}", kLeastWaking, kMostWaking, seconds));
}

void set_waking_seconds(double seconds) {
  check_waking_seconds(seconds);
  waking = seconds;
}

RepeatedWork::Run::Run(RepeatedWork& work)
    : work_(work),
      start_(internal::seconds_now()),
      expected_before_(internal::expectation().seconds),
      widest_before_(internal::expectation().widest) {
  // Who has waited so long for the next run has paid what waking costs, and sleeps.
  if (start_ - work.ended_ < 2 * waking) {
    internal::expectation() = {};
  } else {
    internal::expectation() = {.seconds = work.seconds_};
  }
}

// As if all its threads had been at work all the time: so a run that was shared stays so unless it
// is clearly too short.
RepeatedWork::Run::~Run() {
  internal::Expectation& seen = internal::expectation();
  work_.ended_ = internal::seconds_now();
  work_.seconds_ = (work_.ended_ - start_) * seen.widest;
  seen = {expected_before_, std::max(widest_before_, seen.widest)};
}

internal::Expectation& internal::expectation() { return expected; }

int internal::worth_waking() {
  constexpr double kMany = 1 << 20;
  return static_cast<int>(std::min(kMany, expectation().seconds / waking));
}

}  // namespace hourglass
