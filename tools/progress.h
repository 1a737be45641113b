#pragma once

#include <string>

#include "nn/train/report.h"

namespace hourglass::tools {

// What a training shows while it runs: on a terminal a line that is drawn over (epoch, bar, images
// a second, loss, time left), elsewhere one plain line an epoch.
class Progress {
 public:
  Progress();
  void step(const nn::StepReport& report);
  void epoch(const nn::EpochReport& report, int epochs);

 private:
  bool terminal_;
  double drawn_at_ = -1;  // seconds of the epoch at the last drawing
};

// "0:07", "12:40", "1:02:03".
std::string clock_text(double seconds);

}  // namespace hourglass::tools
