// What every kernel reaches, as a share of what this machine can do: ceilings first, then the rows.

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <CLI/App.hpp>
#include <functional>
#include <memory>
#include <regex>
#include <string>
#include <vector>

#include "bench/common/main.h"
#include "bench/kernels/families.h"
#include "bench/kernels/report.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/machine.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::string filter = ".";
  bool json = false;
  double seconds = 0.05;
  std::string roofline, cpu = "best";
  std::string blocking = "measured";
};

// Google Benchmark takes its options from a command line.
void configure(const Arguments& arguments) {
  static std::vector<std::string> words;  // the library keeps a pointer to the program's name
  words = {"kernels", "--benchmark_filter=.",
           fmt::format("--benchmark_min_time={}", arguments.seconds)};
  std::vector<char*> argv;
  for (std::string& word : words) argv.push_back(word.data());
  int argc = static_cast<int>(argv.size());
  benchmark::Initialize(&argc, argv.data());
}

void choose(const std::string& filter) {
  std::size_t chosen = 0;
  try {
    chosen = choose_rows(std::regex(filter));
  } catch (const std::regex_error&) {
    throw Error(fmt::format("bench: not a regular expression: {}", filter));
  }
  if (chosen == 0) {
    throw Error(
        fmt::format("bench: no kernel matches {}: without a filter all are listed", filter));
  }
}

void describe(const Machine& machine, const Arguments& arguments) {
  if (!arguments.json) {
    fmt::print("{}, {} kernels, {}\nproducts: {}\nThe ceilings that shares are of:\n{}\n",
               cpu_name(), kernels::cpu_target(), kernels::blas_description(),
               to_text(kernels::gemm_blocking()), machine.text());
    std::fflush(stdout);
    return;
  }
  benchmark::AddCustomContext("cpu", cpu_name());
  benchmark::AddCustomContext("kernels", kernels::cpu_target());
  benchmark::AddCustomContext("blas", kernels::blas_description());
  benchmark::AddCustomContext("blocking", to_text(kernels::gemm_blocking()));
  for (int threads : machine.threads()) {
    const auto add = [&](const std::string& what, double value) {
      benchmark::AddCustomContext(fmt::format("{}, {} threads", what, threads),
                                  fmt::format("{:.2f}", value / 1e9));
    };
    add("f32 GFLOP/s", machine.flops(DType::kF32, threads));
    add("f64 GFLOP/s", machine.flops(DType::kF64, threads));
    for (std::size_t k = 0; k < machine.levels().size(); ++k) {
      add(machine.levels()[k].name + " GB/s", machine.bandwidth(k, threads));
    }
  }
}

void run(const Arguments& arguments) {
  if (!(arguments.seconds > 0)) {
    throw Error(fmt::format("bench: seconds: must be positive: got {}", arguments.seconds));
  }
  if (!arguments.roofline.empty()) check_picture(arguments.roofline);
  kernels::set_cpu_target(arguments.cpu);
  kernels::set_gemm_blocking(kernels::GemmBlocking::from_text(arguments.blocking));
  configure(arguments);
  Machine machine;
  add_lanes(machine);
  add_reductions(machine);
  add_random(machine);
  add_gemm(machine);
  add_loops(machine);
  choose(arguments.filter);
  machine.measure();
  describe(machine, arguments);
  TableReporter table;
  benchmark::JSONReporter json;
  benchmark::BenchmarkReporter* reporter = &table;
  if (arguments.json) reporter = &json;
  benchmark::RunSpecifiedBenchmarks(reporter);
  if (!arguments.roofline.empty()) draw_roofline(machine, table.points(), arguments.roofline);
}

std::function<void()> add_options(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  app.add_option("filter", a.filter, "A regular expression: gemm, tanh/f32, loop.*L2, ...");
  CLI::Option* json = app.add_flag("--json", a.json, "Google Benchmark's JSON");
  app.add_option("--seconds", a.seconds, "How long each is timed")->capture_default_str();
  app.add_option("--roofline", a.roofline, "Draw rates and roofs: FILE.svg or .png")
      ->excludes(json);
  app.add_option("--cpu", a.cpu, "Narrow the SIMD kernels: best, avx512, avx2, neon, baseline");
  app.add_option("--blocking", a.blocking, "How products are cut: measured, default or depth=N,...")
      ->capture_default_str();
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

// Whoever meets an error typed `hourglass bench`.
int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "kernels",
       .about = "Times kernels and prints their share of what this machine can do.",
       .speaker = "hourglass",
       .errors = "bench: "},
      argc, argv, hourglass::bench::add_options);
}
