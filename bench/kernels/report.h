#pragma once

#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "bench/kernels/machine.h"

namespace hourglass::bench {

// A measured row with its place under the roof.
struct Point {
  std::string name;
  double intensity = 0;  // operations a byte
  double gflops = 0;
};

// The table on standard output, a line a row, its time, rates and share of the ceiling.
class TableReporter : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context& context) override;
  void ReportRuns(const std::vector<Run>& runs) override;
  // Those rows that count operations, in f32 on one thread.
  const std::vector<Point>& points() const { return points_; }

 private:
  std::vector<Point> points_;
};

// Throws Error unless draw_roofline could write such a file: asked ahead of all measuring.
void check_picture(const std::string& path);

// The roofs of one thread in f32 and the points under them as a picture, .svg or .png, by gnuplot.
// Throws Error where gnuplot is not to be had or fails.
void draw_roofline(const Machine& machine, const std::vector<Point>& points,
                   const std::string& path);

}  // namespace hourglass::bench
