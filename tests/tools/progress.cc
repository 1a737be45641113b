#include "tools/progress.h"

#include <doctest/doctest.h>

using namespace hourglass;

TEST_CASE("the line of a training fits any terminal: first the bar gives way, then the end") {
  nn::StepReport report;
  report.epoch = 2;
  report.epochs = 10;
  report.step = 50;
  report.steps = 100;
  report.examples = 6400;
  report.seconds = 2;
  report.loss = 0.25;
  CHECK(tools::progress_line(report, "rows", 100) ==
        "epoch 2/10 [############............] 3200 rows/s  loss 0.250000  0:34 left");
  CHECK(tools::progress_line(report, "rows", 60) ==
        "epoch 2/10 [####....] 3200 rows/s  loss 0.250000  0:34 left");
  CHECK(tools::progress_line(report, "rows", 50) ==
        "epoch 2/10 3200 rows/s  loss 0.250000  0:34 left");
  for (int columns = 1; columns < 120; ++columns) {
    CHECK(tools::progress_line(report, "rows", columns).size() < static_cast<std::size_t>(columns));
  }
}
