#include "bench/kernels/report.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "tensor/error.h"

namespace hourglass::bench {
namespace {

double counter(const benchmark::BenchmarkReporter::Run& run, const char* name) {
  const auto found = run.counters.find(name);
  return found == run.counters.end() ? 0 : static_cast<double>(found->second);
}

std::string rate(double value) { return value > 0 ? fmt::format("{:.2f}", value) : "-"; }

// "sum_rows/f32/L2/1/real_time" without what Google Benchmark appends.
std::string row_name(const benchmark::BenchmarkReporter::Run& run) {
  const std::string name = run.benchmark_name();
  return name.substr(0, name.rfind("/real_time"));
}

}  // namespace

bool TableReporter::ReportContext(const Context&) {
  fmt::print("{:<36}{:>14}{:>10}{:>10}{:>8}\n", "kernel/dtype/size/threads", "ns a call", "GFLOP/s",
             "GB/s", "share");
  return true;
}

void TableReporter::ReportRuns(const std::vector<Run>& runs) {
  for (const Run& run : runs) {
    if (run.error_occurred) {
      fmt::print("{:<36} failed: {}\n", run.benchmark_name(), run.error_message);
      continue;
    }
    const std::string name = row_name(run);
    const double gflops = counter(run, "GFLOP/s");
    fmt::print("{:<36}{:>14.0f}{:>10}{:>10}{:>7.0f}%\n", name, run.GetAdjustedRealTime(),
               rate(gflops), rate(counter(run, "GB/s")), 100 * counter(run, "share"));
    std::fflush(stdout);
    if (gflops > 0 && name.ends_with("/1") && name.find("/f32/") != std::string::npos) {
      points_.push_back({name, counter(run, "FLOP/byte"), gflops});
    }
  }
}

void check_picture(const std::string& path) {
  if (path.find('\'') != std::string::npos) {
    throw Error(fmt::format("bench: {}: a picture's name must not hold a quote", path));
  }
  if (!path.ends_with(".svg") && !path.ends_with(".png")) {
    throw Error(fmt::format("bench: {}: a picture is FILE.svg or FILE.png", path));
  }
  const bool there = std::filesystem::exists(path);
  if (!std::ofstream(path, std::ios::app)) {
    throw Error(fmt::format("bench: {}: cannot be written: {}", path, std::strerror(errno)));
  }
  if (!there) std::filesystem::remove(path);
}

void draw_roofline(const Machine& machine, const std::vector<Point>& points,
                   const std::string& path) {
  const char* const terminal =
      path.ends_with(".png") ? "pngcairo size 1200,800" : "svg size 1200,800";
  std::string script = fmt::format(
      "set terminal {}\nset output '{}'\nset logscale xy\nset xrange [0.05:200]\n"
      "set xlabel 'operations a byte'\nset ylabel 'GFLOP/s, f32, one thread'\nset key left top\n"
      "$points << EOD\n",
      terminal, path);
  for (const Point& p : points) script += fmt::format("{} {}\n", p.intensity, p.gflops);
  script += "EOD\nplot ";
  const double peak = machine.flops(DType::kF32, 1) / 1e9;
  for (std::size_t k = 0; k < machine.levels().size(); ++k) {
    const double bandwidth = machine.bandwidth(k, 1) / 1e9;
    script += fmt::format("x * {0} < {1} ? x * {0} : {1} title '{2}', ", bandwidth, peak,
                          machine.levels()[k].name);
  }
  script += "$points with points pointtype 7 title 'kernels'\n";
  std::FILE* gnuplot = popen("gnuplot", "w");
  const bool written = gnuplot != nullptr && std::fputs(script.c_str(), gnuplot) >= 0;
  if (gnuplot == nullptr || pclose(gnuplot) != 0 || !written) {
    throw Error(fmt::format("bench: {}: gnuplot could not draw it: is it installed?", path));
  }
}

}  // namespace hourglass::bench
