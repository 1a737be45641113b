#include "tools/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "tools/say.h"

namespace hourglass::tools {
namespace {

constexpr int kBarWidth = 24;
constexpr double kRedraw = 0.1;  // seconds between drawings

}  // namespace

std::string clock_text(double seconds) {
  const long s = static_cast<long>(seconds + 0.5);
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

Progress::Progress() : terminal_(isatty(STDOUT_FILENO) != 0) {}

void Progress::step(const nn::StepReport& report) {
  if (!terminal_) return;
  if (report.step == 1) drawn_at_ = -1;
  if (report.seconds - drawn_at_ < kRedraw && report.step != report.steps) return;
  drawn_at_ = report.seconds;
  const double part = static_cast<double>(report.step) / static_cast<double>(report.steps);
  const int filled = static_cast<int>(part * kBarWidth);
  const double speed = static_cast<double>(report.examples) / std::max(report.seconds, 1e-9);
  const double left = report.seconds / part * (report.epochs - report.epoch + 1) - report.seconds;
  say("\repoch {}/{} [{}{}] {:.0f} images/s  loss {:.6f}  {} left \033[K", report.epoch,
      report.epochs, std::string(static_cast<std::size_t>(filled), '#'),
      std::string(static_cast<std::size_t>(kBarWidth - filled), '.'), speed, report.loss,
      clock_text(left));
}

void Progress::epoch(const nn::EpochReport& report, int epochs) {
  std::string line = fmt::format("{}epoch {}/{}  loss {:.6f}", terminal_ ? "\r\033[K" : "",
                                 report.epoch, epochs, report.loss);
  if (report.terms.size() > 1) {
    for (const nn::NamedValue& term : report.terms) {
      line += fmt::format("  {} {:.6f}", term.name, term.value);
    }
  }
  say("{}  {:.1f} s\n", line, report.seconds);
}

}  // namespace hourglass::tools
