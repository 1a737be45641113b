#include "tools/interrupt.h"

#include <atomic>

namespace hourglass::tools {
namespace {

std::atomic<bool> asked = false;

}  // namespace

InterruptScope::InterruptScope() {
  asked = false;
  struct sigaction action = {};
  action.sa_handler = [](int) { asked = true; };
  action.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(SIGINT, &action, &before_);
}

InterruptScope::~InterruptScope() { sigaction(SIGINT, &before_, nullptr); }

bool interrupted() { return asked; }

}  // namespace hourglass::tools
