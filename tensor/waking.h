#pragma once

#include <limits>
#include <optional>

namespace hourglass {

// What it costs to wake a thread for a parallel loop, in seconds from the loop's beginning to that
// thread's first block, where it sleeps: one that ran a moment ago is there in half a microsecond.
// 28e-6 where it was not set, as measured on Zen 4 under KVM.
double waking_seconds();
void set_waking_seconds(double seconds);
void check_waking_seconds(double seconds);  // throws Error unless it is from 1e-7 to 1e-2
// Found by a few loops on this thread and one that sleeps, in 15 ms. Nothing where threads() is 1,
// within a loop, and where the other thread did not come in a millisecond.
std::optional<double> measured_waking_seconds();

// Loops that run one after the other again and again, as those of a program. What they took decides
// how many sleeping threads are woken for them the next time: one for as much work as waking it
// costs, beside the caller's as much. All that the loops can use are woken the first time, where one
// run follows another so closely that threads would stay awake between them, and for loops that
// belong to nothing of the kind. No bit depends on it.
class RepeatedWork {
 public:
  // Once through, on the calling thread, while it lives.
  class Run {
   public:
    explicit Run(RepeatedWork& work);
    ~Run();
    Run(const Run&) = delete;
    Run& operator=(const Run&) = delete;

   private:
    RepeatedWork& work_;
    double start_, expected_before_;
    int widest_before_;
  };

 private:
  double seconds_ = std::numeric_limits<double>::infinity();  // of one thread, at most
  double ended_ = -std::numeric_limits<double>::infinity();
};

namespace internal {

// What the calling thread knows of the loops that it is about to run, and what it saw of them.
struct Expectation {
  double seconds = std::numeric_limits<double>::infinity();  // of one thread
  int widest = 1;  // the most threads that one of them called, itself among them
};
Expectation& expectation();

// How many threads, the caller among them, are worth waking for what is expected.
int worth_waking();

// Whether the first thread that loops call in sleeps.
bool helper_sleeps();

double seconds_now();

}  // namespace internal
}  // namespace hourglass
