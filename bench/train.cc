// What a training step costs, forward, backward and Adam, and what inference: data in memory.

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "autograd/compile/program.h"
#include "bench/common/clock.h"
#include "bench/common/main.h"
#include "bench/common/process.h"
#include "bench/common/workloads.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/machine.h"
#include "tensor/parallel.h"
#include "tools/guarded.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::vector<std::string> names;
  int threads = 1;
  double seconds = 2;
  bool json = false, machine = false, portable_bits = true;
  std::string cpu = "best", blocking = "measured";
};

struct Measured {
  Spread ms;
  double samples_per_s = 0;
  std::int64_t peak_bytes = 0;
  Profile profile;  // only where it is printed
};

Program make_program(const Workload& workload, const Arguments& arguments) {
  CompileOptions options = {.threads = arguments.threads, .portable_bits = arguments.portable_bits};
  if (workload.task == Task::kTrain) return make_training(workload, options);
  const Model model = make_model(workload, Noise::kDrawn, workload.dtype);
  options.inputs = model.inputs;
  options.frozen = true;
  return compile({model.output}, options);
}

Measured measure(const Workload& workload, const Arguments& arguments) {
  reset_peak_memory();
  const Tensor images = make_images(workload).cast(workload.dtype);
  std::vector<Tensor> batches;
  for (std::int64_t i = 0; i < kBatches; ++i) {
    batches.push_back(images.rows(i * workload.batch, (i + 1) * workload.batch));
  }
  Program program = make_program(workload, arguments);
  std::size_t next = 0;
  std::vector<double> times = time_calls(arguments.seconds, [&] {
    program.run({batches[next]});
    next = (next + 1) % batches.size();
  });
  for (double& t : times) t *= 1e3;
  Measured m;
  m.ms = spread_of(std::move(times));
  m.samples_per_s = static_cast<double>(workload.batch) / m.ms.median * 1e3;
  m.peak_bytes = peak_memory();
  if (!arguments.json) m.profile = program.profile({&batches[0], 1});
  return m;
}

void print_json(const Workload& workload, const Arguments& arguments, const Measured& m) {
  const nlohmann::ordered_json line = {
      {"workload", workload.name},
      {"threads", arguments.threads},
      {"ms", {{"median", m.ms.median}, {"min", m.ms.min}, {"max", m.ms.max}}},
      {"samples_per_s", m.samples_per_s},
      {"peak_bytes", m.peak_bytes}};
  fmt::print("{}\n", line.dump());
}

void print_machine() {
  const nlohmann::ordered_json line = {{"cpu", cpu_name()},
                                       {"kernels", kernels::cpu_target()},
                                       {"blas", kernels::blas_description()},
                                       {"blocking", to_text(kernels::gemm_blocking())}};
  fmt::print("{}\n", line.dump());
}

void print_head(const Arguments& arguments) {
  fmt::print("{}, {} kernels, {}, {} thread{}\nproducts: {}\n", cpu_name(), kernels::cpu_target(),
             kernels::blas_description(), arguments.threads, arguments.threads == 1 ? "" : "s",
             to_text(kernels::gemm_blocking()));
  fmt::print("{:<10}{:>10}{:>10}{:>10}{:>11}{:>9}   share in{:>7}{:>7}{:>9}{:>7}{:>6}\n", "",
             "ms a run", "min", "max", "images/s", "peak MB", "GEMM", "loops", "updates", "other",
             "idle");
}

// Idle is the time between and around the instructions.
void print_row(const Workload& workload, const Measured& m) {
  fmt::print("{:<10}{:>10.4f}{:>10.4f}{:>10.4f}{:>11.0f}{:>9.1f}           ", workload.name,
             m.ms.median, m.ms.min, m.ms.max, m.samples_per_s,
             static_cast<double>(m.peak_bytes) / 1e6);
  const auto percent = [&](double seconds) { return 100 * seconds / m.profile.seconds; };
  const double product = m.profile.of(Work::kProduct), loop = m.profile.of(Work::kLoop),
               update = m.profile.of(Work::kUpdate), other = m.profile.of(Work::kOther);
  const double idle = m.profile.seconds - product - loop - update - other;
  fmt::print("{:>6.0f}%{:>6.0f}%{:>8.0f}%{:>6.0f}%{:>5.0f}%\n", percent(product), percent(loop),
             percent(update), percent(other), percent(std::max(0.0, idle)));
}

void check(const Arguments& arguments) {
  check_seconds(arguments.seconds);
  const ThreadScope scope(arguments.threads);  // throws on a count that cannot be had
}

void run(const Arguments& arguments) {
  check(arguments);
  std::vector<const Workload*> chosen;
  for (const std::string& name : arguments.names) chosen.push_back(&find_workload(name));
  if (chosen.empty()) {
    for (const Workload& workload : workloads()) chosen.push_back(&workload);
  }
  kernels::set_cpu_target(arguments.cpu);
  kernels::set_gemm_blocking(kernels::GemmBlocking::from_text(arguments.blocking));
  if (arguments.machine) return print_machine();
  const ThreadScope scope(arguments.threads);
  if (!arguments.json) print_head(arguments);
  for (const Workload* workload : chosen) {
    const Measured m = measure(*workload, arguments);
    arguments.json ? print_json(*workload, arguments, m) : print_row(*workload, m);
    tools::flush_output();
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("workload", a.names, "Which of the workloads below; default: all");
  program.add_option("--threads", a.threads, "Threads").show_default();
  program.add_option("--seconds", a.seconds, "How long each is timed").show_default();
  program.add_flag("--json", a.json, "One object a line");
  program.add_option("--cpu", a.cpu, "Narrow the SIMD kernels: best, avx512, avx2, neon, baseline");
  program
      .add_option("--blocking", a.blocking,
                  "How products are cut: measured, default or depth=N,...")
      .show_default();
  program.add_flag(
      "--portable-bits,!--no-portable-bits", a.portable_bits,
      "Products by our own kernels alone, the default, or by OpenBLAS where it is quicker");
  program.add_flag("--machine", a.machine, "Only say what it would run on, as one object");
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "train",
       .about = "Times a training step (forward, backward and Adam) or inference, data in memory.",
       .footer = hourglass::bench::listed("Workloads", hourglass::bench::workloads())},
      argc, argv, hourglass::bench::add_options);
}
