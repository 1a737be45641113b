#pragma once

#include <csignal>

namespace hourglass::tools {

// While it lives, Ctrl-C asks to stop, so that what was begun can be ended in order; a second one
// ends the program at once.
class InterruptScope {
 public:
  InterruptScope();
  ~InterruptScope();
  InterruptScope(const InterruptScope&) = delete;
  InterruptScope& operator=(const InterruptScope&) = delete;

 private:
  struct sigaction before_ = {};
};

bool interrupted();  // whether Ctrl-C was pressed since the last scope began

}  // namespace hourglass::tools
