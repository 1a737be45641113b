// What every kernel reaches, as a share of what this machine can do at that moment.

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <regex>
#include <string>
#include <vector>

#include "bench/common/main.h"
#include "bench/kernels/families.h"
#include "bench/kernels/measure.h"
#include "bench/kernels/report.h"
#include "bench/kernels/roofline.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/machine.h"
#include "tools/guarded.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::string filter = ".";
  bool json = false;
  double seconds = 0.05;
  int repetitions = 9;
  std::string roofline, cpu = "best";
  std::string blocking = "measured";
};

Rows all_rows(const Machine& machine) {
  Rows rows;
  add_lanes(rows, machine);
  add_reductions(rows, machine);
  add_random(rows, machine);
  add_gemm(rows, machine);
  add_loops(rows, machine);
  return rows;
}

Rows choose(const Rows& rows, const std::string& filter) {
  Rows chosen;
  try {
    const std::regex pattern(filter);
    for (const Row& row : rows) {
      if (std::regex_search(row.name, pattern)) chosen.push_back(row);
    }
  } catch (const std::regex_error&) {
    throw Error(fmt::format("bench: not a regular expression: {}", filter));
  }
  if (chosen.empty()) {
    throw Error(
        fmt::format("bench: no kernel matches {}: without a filter all are listed", filter));
  }
  return chosen;
}

double load_average() {
  double load = 0;
  return getloadavg(&load, 1) == 1 ? load : 0;
}

nlohmann::ordered_json ceilings(const Machine& machine) {
  nlohmann::ordered_json all;
  for (int threads : machine.threads()) {
    nlohmann::ordered_json line = {{"threads", threads},
                                   {"f32_gflop_per_s", machine.flops(DType::kF32, threads) / 1e9},
                                   {"f64_gflop_per_s", machine.flops(DType::kF64, threads) / 1e9}};
    for (std::size_t k = 0; k < machine.levels().size(); ++k) {
      line[machine.levels()[k].name + "_gb_per_s"] = machine.bandwidth(k, threads) / 1e9;
    }
    all.push_back(line);
  }
  return all;
}

void describe(const Machine& machine, const Arguments& arguments, double load) {
  if (arguments.json) {
    const nlohmann::ordered_json line = {{"cpu", cpu_name()},
                                         {"kernels", kernels::cpu_target()},
                                         {"blas", kernels::blas_description()},
                                         {"blocking", to_text(kernels::gemm_blocking())},
                                         {"cores", sysconf(_SC_NPROCESSORS_ONLN)},
                                         {"load_average", load},
                                         {"ceilings", ceilings(machine)}};
    fmt::print("{}\n", line.dump());
    return;
  }
  fmt::print("{}, {} kernels, {}\nproducts: {}\nThe ceilings, before the first row:\n{}\n{}",
             cpu_name(), kernels::cpu_target(), kernels::blas_description(),
             to_text(kernels::gemm_blocking()), machine.text(), table_head(arguments.repetitions));
}

std::vector<Figures> measure_all(const Machine& machine, const Rows& rows,
                                 const Arguments& arguments) {
  std::vector<Figures> all;
  for (const Row& row : rows) {
    all.push_back(measure(machine, row, arguments.seconds, arguments.repetitions));
    fmt::print("{}", arguments.json ? json_line(all.back()) : table_line(all.back()));
    tools::flush_output();
  }
  return all;
}

void check(const Arguments& arguments) {
  check_seconds(arguments.seconds, "bench: ");
  if (arguments.repetitions < 1) {
    throw Error(
        fmt::format("bench: repetitions: must be 1 or more: got {}", arguments.repetitions));
  }
  if (!arguments.roofline.empty()) check_picture(arguments.roofline);
}

void run(const Arguments& arguments) {
  check(arguments);
  kernels::set_cpu_target(arguments.cpu);
  kernels::set_gemm_blocking(kernels::GemmBlocking::from_text(arguments.blocking));
  Machine machine;
  const Rows rows = choose(all_rows(machine), arguments.filter);
  const double load = load_average();  // before this program adds to it
  machine.measure();
  describe(machine, arguments, load);
  const std::vector<Figures> all = measure_all(machine, rows, arguments);
  const auto wavering = static_cast<std::size_t>(std::count_if(all.begin(), all.end(), wavers));
  const auto cores = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  if (!arguments.json) fmt::print("{}", loaded_line(load, cores, wavering, all.size()));
  if (!arguments.roofline.empty()) draw_roofline(machine, all, arguments.roofline);
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("filter", a.filter, "A regular expression: gemm, tanh/f32, loop.*L2, ...");
  const tools::Option json = program.add_flag("--json", a.json, "One object a line");
  program.add_option("--seconds", a.seconds, "How long each is timed").show_default();
  program.add_option("--repetitions", a.repetitions, "In how many parts, a ceiling after each")
      .show_default();
  program.add_option("--roofline", a.roofline, "Draw rates and roofs: FILE.svg or .png")
      .excludes(json);
  program.add_option("--cpu", a.cpu, "Narrow the SIMD kernels: best, avx512, avx2, neon, baseline");
  program
      .add_option("--blocking", a.blocking,
                  "How products are cut: measured, default or depth=N,...")
      .show_default();
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

// Whoever meets an error typed `hourglass bench`.
int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "kernels",
       .about = "Times kernels and prints their share of what this machine can do.",
       .speaker = "hourglass"},
      argc, argv, hourglass::bench::add_options);
}
