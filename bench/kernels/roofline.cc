#include "bench/kernels/roofline.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "bench/common/clock.h"
#include "tensor/error.h"

namespace hourglass::bench {

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
  if (std::system("command -v gnuplot >/dev/null 2>&1") != 0) {
    throw Error(fmt::format("bench: {}: is drawn by gnuplot, which is not installed", path));
  }
}

void draw_roofline(const Machine& machine, const std::vector<Figures>& rows,
                   const std::string& path) {
  const char* const terminal =
      path.ends_with(".png") ? "pngcairo size 1200,800" : "svg size 1200,800";
  std::string script = fmt::format(
      "set terminal {}\nset output '{}'\nset logscale xy\nset xrange [0.05:200]\n"
      "set xlabel 'operations a byte'\nset ylabel 'GFLOP/s, f32, one thread'\nset key left top\n"
      "$points << EOD\n",
      terminal, path);
  for (const Figures& row : rows) {
    const double operations = row.work.operations;
    if (operations == 0 || row.threads != 1 || row.dtype != DType::kF32) continue;
    script += fmt::format("{} {}\n", operations / row.work.bytes,
                          operations / spread_of(row.seconds).median / 1e9);
  }
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
    throw Error(fmt::format("bench: {}: gnuplot could not draw it", path));
  }
}

}  // namespace hourglass::bench
