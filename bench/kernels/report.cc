#include "bench/kernels/report.h"

#include <fmt/core.h>

#include <nlohmann/json.hpp>

#include "bench/common/clock.h"

namespace hourglass::bench {
namespace {

constexpr double kWavering = 0.2;  // of the median above the least

// By how much the median is above the least.
double excess(const Spread& seconds) { return seconds.median / seconds.min - 1; }

std::string number_or_dash(double value, const char* form) {
  return value > 0 ? fmt::format(fmt::runtime(form), value) : "-";
}

double per_element_ns(const Figures& figures, const Spread& seconds) {
  return figures.work.elements > 0 ? seconds.median * 1e9 / figures.work.elements : 0;
}

const char* binding(const Figures& figures) {
  return figures.by_arithmetic ? "arithmetic" : "bandwidth";
}

nlohmann::ordered_json object_of(const Spread& spread, double unit) {
  return {{"median", spread.median * unit}, {"min", spread.min * unit}, {"max", spread.max * unit}};
}

}  // namespace

std::string table_head(int repetitions) {
  return fmt::format(
      "Medians of {} repetitions; in brackets by how much the median is above the least. Shares "
      "are of\nthe least time: what the best ceiling taken between the repetitions allows, of the "
      "bandwidth, or of\nthe arithmetic where that takes "
      "longer.\n{:<34}{:>13}{:>9}{:>12}{:>10}{:>9}  {}\n",
      repetitions, "kernel/dtype/size/threads", "ns a call", "", "an element", "GFLOP/s", "GB/s",
      "share");
}

std::string table_line(const Figures& figures) {
  const Spread seconds = spread_of(figures.seconds);
  return fmt::format("{:<34}{:>13.0f}{:>9}{:>12}{:>10}{:>9.2f}{:>5.0f} % of {}\n", figures.name,
                     seconds.median * 1e9, fmt::format("(+{:.0f} %)", 100 * excess(seconds)),
                     number_or_dash(per_element_ns(figures, seconds), "{:.4f}"),
                     number_or_dash(figures.work.operations / seconds.median / 1e9, "{:.2f}"),
                     figures.work.bytes / seconds.median / 1e9, 100 * spread_of(figures.shares).max,
                     binding(figures));
}

std::string json_line(const Figures& figures) {
  const Spread seconds = spread_of(figures.seconds);
  nlohmann::ordered_json line = {{"kernel", figures.name},
                                 {"repetitions", figures.seconds.size()},
                                 {"ns", object_of(seconds, 1e9)}};
  if (figures.work.elements > 0) line["ns_an_element"] = per_element_ns(figures, seconds);
  if (figures.work.operations > 0) {
    line["gflop_per_s"] = figures.work.operations / seconds.median / 1e9;
    line["flop_per_byte"] = figures.work.operations / figures.work.bytes;
  }
  line["gb_per_s"] = figures.work.bytes / seconds.median / 1e9;
  line["share"] = object_of(spread_of(figures.shares), 1);
  line["share_of"] = binding(figures);
  return line.dump() + "\n";
}

bool wavers(const Figures& figures) { return excess(spread_of(figures.seconds)) > kWavering; }

std::string loaded_line(double load_average, int cores, std::size_t wavering, std::size_t rows) {
  if (load_average <= cores && wavering == 0) return "";
  return fmt::format(
      "The machine is loaded: load average {:.1f} on {} core{}, {} of {} row{} with a median more "
      "than {:.0f} % above the least. Shares, of the least times, bear that better.\n",
      load_average, cores, cores == 1 ? "" : "s", wavering, rows, rows == 1 ? "" : "s",
      100 * kWavering);
}

}  // namespace hourglass::bench
