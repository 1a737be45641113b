#include "tools/interrupt.h"

#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <string_view>

namespace hourglass::tools {
namespace {

constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGPIPE};

std::atomic<int> asked = 0;  // the first signal that came

bool on_a_terminal = false;  // where somebody waits for an answer

void ask(int signal) {
  int none = 0;
  const int before = errno;
  if (asked.compare_exchange_strong(none, signal) && signal == SIGINT && on_a_terminal) {
    constexpr std::string_view kAnswer = "\nstopping after this step\n";
    [[maybe_unused]] const auto written = write(STDERR_FILENO, kAnswer.data(), kAnswer.size());
  }
  errno = before;
}

}  // namespace

InterruptScope::InterruptScope() {
  asked = 0;
  on_a_terminal = isatty(STDERR_FILENO) != 0;
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    struct sigaction action = {};
    action.sa_handler = kSignals[i] == SIGPIPE ? SIG_IGN : ask;
    action.sa_flags = static_cast<int>(SA_RESETHAND);
    sigaction(kSignals[i], nullptr, &before_[i]);
    const bool ignored = kSignals[i] == SIGHUP && before_[i].sa_handler == SIG_IGN;
    if (!ignored) sigaction(kSignals[i], &action, nullptr);
  }
}

InterruptScope::~InterruptScope() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) {
    sigaction(kSignals[i], &before_[i], nullptr);
  }
}

bool interrupted() { return asked != 0; }

int interrupt_code() { return 128 + asked; }

}  // namespace hourglass::tools
