#pragma once

#include <string>

#include "nn/train/report.h"

namespace hourglass::tools {

// What a training shows while it runs: on a terminal a line that is drawn over (epoch, bar, examples
// a second, loss, time left), elsewhere one plain line an epoch, with the validation loss where
// there is one.
class Progress {
 public:
  explicit Progress(std::string examples);  // what they are called: "images"
  void step(const nn::StepReport& report);
  void epoch(const nn::EpochReport& report, int epochs);

 private:
  std::string examples_;
  bool terminal_;
  double drawn_at_ = -1;  // seconds of the epoch at the last drawing
};

// The line of a terminal so many columns wide, in at most one less: the bar is what gives way.
std::string progress_line(const nn::StepReport& report, const std::string& examples, int columns);

// "0:07", "12:40", "1:02:03".
std::string clock_text(double seconds);

}  // namespace hourglass::tools
