#pragma once

#include <array>
#include <csignal>

namespace hourglass::tools {

// While it lives, Ctrl-C, SIGTERM and SIGHUP (unless the program was started to ignore it, as by
// nohup) ask to stop, so that what was begun can be ended in order; the same again ends the program
// at once. A pipe that nobody reads any more does not end it: see say().
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  std::array<struct sigaction, 4> before_ = {};
};

bool interrupted();    // whether one of them came since the last scope began
int interrupt_code();  // the exit code then: 130, 143 or 129, 128 and the signal's number

}  // namespace hourglass::tools
