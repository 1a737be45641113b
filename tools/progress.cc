#include "tools/progress.h"

#include <fmt/core.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "tools/say.h"

namespace hourglass::tools {
namespace {

constexpr int kBarWidth = 24;
constexpr int kLeastBar = 4;     // narrower ones say nothing
constexpr double kRedraw = 0.1;  // seconds between drawings

int terminal_columns() {
  constexpr int kUsual = 80;
  struct winsize size = {};
  const bool known = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : kUsual;
}

}  // namespace

std::string clock_text(double seconds) {
  const long s = static_cast<long>(seconds + 0.5);
  if (s >= 3600) return fmt::format("{}:{:02}:{:02}", s / 3600, s / 60 % 60, s % 60);
  return fmt::format("{}:{:02}", s / 60, s % 60);
}

std::string progress_line(const nn::StepReport& report, const std::string& examples, int columns) {
  const double part = static_cast<double>(report.step) / static_cast<double>(report.steps);
  const double speed = static_cast<double>(report.examples) / std::max(report.seconds, 1e-9);
  const double left = report.seconds / part * (report.epochs - report.epoch + 1) - report.seconds;
  const std::string start = fmt::format("epoch {}/{} ", report.epoch, report.epochs);
  const std::string end = fmt::format(" {:.0f} {}/s  loss {:.6f}  {} left", speed, examples,
                                      report.loss, clock_text(left));
  const int room = columns - 1 - static_cast<int>(start.size() + end.size()) - 2;  // of brackets
  const int width = std::min(room, kBarWidth);
  if (width < kLeastBar) return (start + end.substr(1)).substr(0, std::max(columns - 1, 0));
  const int filled = static_cast<int>(part * width);
  return fmt::format("{}[{}{}]{}", start, std::string(static_cast<std::size_t>(filled), '#'),
                     std::string(static_cast<std::size_t>(width - filled), '.'), end);
}

Progress::Progress(std::string examples)
    : examples_(std::move(examples)), terminal_(isatty(STDOUT_FILENO) != 0) {}

void Progress::step(const nn::StepReport& report) {
  if (!terminal_) return;
  if (report.step == 1) drawn_at_ = -1;
  if (report.seconds - drawn_at_ < kRedraw && report.step != report.steps) return;
  drawn_at_ = report.seconds;
  say("\r{}\033[K", progress_line(report, examples_, terminal_columns()));
}

void Progress::epoch(const nn::EpochReport& report, int epochs) {
  std::string line = fmt::format("{}epoch {}/{}  loss {:.6f}", terminal_ ? "\r\033[K" : "",
                                 report.epoch, epochs, report.loss);
  if (report.terms.size() > 1) {
    for (const nn::NamedValue& term : report.terms) {
      line += fmt::format("  {} {:.6f}", term.name, term.value);
    }
  }
  if (report.judged) line += fmt::format("  validation {:.6f}", *report.judged);
  say("{}  {:.1f} s\n", line, report.seconds);
}

}  // namespace hourglass::tools
