// How far from the limit: lane functions, a training step against its bare products, fused loops
// against loops by hand, each pair in one process, in turn.

#include <fmt/core.h>

#include <CLI/App.hpp>
#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "bench/common/main.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/machine.h"
#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

struct Entry {
  std::string_view name, about;
  MakeRow make;
};

constexpr std::array<Entry, 8> kRows = {{
    {"tanh", "1e5 elements", lane_row},
    {"sigmoid", "1e5 elements", lane_row},
    {"normal", "1e5 numbers of normal noise", lane_row},
    {"products", "a step of W2b512 against OpenBLAS's products and one pass of Adam", products_row},
    {"sparse", "a layer and its weight's gradient, 512 x 20,000 of 1 % to 256, against dense",
     sparse_row},
    {"adam", "the update of [512, 1000] against a loop by hand", loop_row},
    {"bias_relu", "bias and ReLU on [512, 1000] against a loop by hand", loop_row},
    {"mse_gradient", "(y - t) y (1 - y) / 2 on [512, 1000] against a loop by hand", loop_row},
}};

struct Arguments {
  std::vector<std::string> names;
  int threads = 1;
  double seconds = 2;
  bool json = false;
};

const Entry& find_entry(const std::string& name) {
  std::string known;
  for (const Entry& entry : kRows) {
    if (entry.name == name) return entry;
    known += (known.empty() ? "" : ", ") + std::string(entry.name);
  }
  throw Error(fmt::format("bounds: there is no row named {}: expected one of {}", name, known));
}

Spread ratios_of(const Row& row) {
  std::vector<double> ratios;
  for (std::size_t i = 0; i < row.limit.size(); ++i) ratios.push_back(row.ours[i] / row.limit[i]);
  return spread_of(ratios);
}

void print_json(const Row& row, const Arguments& arguments) {
  nlohmann::ordered_json line = {{"row", row.name},
                                 {"threads", arguments.threads},
                                 {"unit", row.unit},
                                 {"ours", spread_of(row.ours).median}};
  if (!row.limit.empty()) {
    const Spread ratio = ratios_of(row);
    line["limit"] = spread_of(row.limit).median;
    line["ratio"] = {{"median", ratio.median}, {"min", ratio.min}, {"max", ratio.max}};
    line["pairs"] = row.limit.size();
  }
  fmt::print("{}\n", line.dump());
}

void print_text(const Row& row) {
  fmt::print("{:<14}{:>10.4g} {}", row.name, spread_of(row.ours).median, row.unit);
  if (!row.limit.empty()) {
    const Spread ratio = ratios_of(row);
    fmt::print(" against {:.4g}: {:.2f}x [{:.2f}-{:.2f}], {} pairs", spread_of(row.limit).median,
               ratio.median, ratio.min, ratio.max, row.limit.size());
  }
  fmt::print("\n");
}

void run(const Arguments& arguments) {
  if (!(arguments.seconds > 0) || !std::isfinite(arguments.seconds)) {
    throw Error(fmt::format("seconds: must be positive: got {}", arguments.seconds));
  }
  const ThreadScope scope(arguments.threads);
  std::vector<const Entry*> chosen;
  for (const std::string& name : arguments.names) chosen.push_back(&find_entry(name));
  if (chosen.empty()) {
    for (const Entry& entry : kRows) chosen.push_back(&entry);
  }
  kernels::set_gemm_blocking(kernels::measured_gemm_blocking());
  if (!arguments.json) {
    fmt::print("{}, {} kernels, {}, {} thread{}\nproducts: {}\n", cpu_name(), kernels::cpu_target(),
               kernels::blas_description(), arguments.threads, arguments.threads == 1 ? "" : "s",
               to_text(kernels::gemm_blocking()));
  }
  for (const Entry* entry : chosen) {
    const Row row = entry->make(std::string(entry->name), arguments.threads, arguments.seconds);
    arguments.json ? print_json(row, arguments) : print_text(row);
    std::fflush(stdout);
  }
}

std::function<void()> add_options(CLI::App& app) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  app.add_option("row", a.names, "Which of the rows below; default: all");
  app.add_option("--threads", a.threads, "Threads")->capture_default_str();
  app.add_option("--seconds", a.seconds, "How long each is timed")->capture_default_str();
  app.add_flag("--json", a.json, "One object a line");
  std::string footer = "Rows:\n";
  for (const Entry& entry : kRows) footer += fmt::format("  {:<14} {}\n", entry.name, entry.about);
  app.footer(footer);
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "bounds",
       .about = "Times kernels, fused loops and a step against what bounds them."},
      argc, argv, hourglass::bench::add_options);
}
