// How far from the limit: lane functions, a training step against its bare products, fused loops
// against loops by hand, each pair in one process, in turn.

#include <fmt/core.h>

#include <array>
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
#include "tools/guarded.h"

namespace hourglass::bench {
namespace {

struct Entry {
  std::string_view name, about;
  MakeRow make;
};

constexpr std::array<Entry, 16> kRows = {{
    {"tanh", "1e5 elements", lane_row},
    {"sigmoid", "1e5 elements", lane_row},
    {"normal", "1e5 numbers of normal noise", lane_row},
    {"product_f64", "512 x 1000 x 784 in f64, the second transposed", product_f64_row},
    {"gradcheck", "of the loss of 16-8-16, tanh and sigmoid, of 4 rows and its weights",
     gradcheck_row},
    {"products", "a step of W2b512 against OpenBLAS's products and one pass of Adam", products_row},
    {"eigen", "512 x 1000 x 784 against Eigen's product", eigen_row},
    {"onednn_product", "the same against oneDNN's", onednn_row},
    {"onednn_first", "convolution k4 s2 of 64 images 3x64x64 to 32 maps against oneDNN's",
     onednn_row},
    {"onednn_middle", "the same of 64x16x16 to 128 maps", onednn_row},
    {"onednn_weights", "the weights' gradient of onednn_first against oneDNN's", onednn_row},
    {"dlib", "a training step of 784-36-784, batch 128 (W1), against dlib's", dlib_row},
    {"sparse", "a layer and its weight's gradient, 512 x 20,000 of 1 % to 256, against dense",
     sparse_row},
    {"adam", "the update of [512, 1000] against a loop by hand", loop_row},
    {"bias_relu", "bias and ReLU on [512, 1000] against a loop by hand", loop_row},
    {"mse_gradient", "(y - t) y (1 - y) / 2 on [512, 1000] against a loop by hand", loop_row},
}};

constexpr double kMost = 1.2;  // of the limit's time that we allow ourselves

struct Arguments {
  std::vector<std::string> names;
  std::vector<int> threads = {1, 2};
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

void print_json(const Row& row, int threads) {
  if (!row.missing.empty()) {
    const nlohmann::ordered_json line = {{"row", row.name}, {"missing", row.missing}};
    fmt::print("{}\n", line.dump());
    return;
  }
  nlohmann::ordered_json line = {{"row", row.name},
                                 {"threads", threads},
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

void print_text(const Row& row, int threads) {
  if (!row.missing.empty()) {
    fmt::print("{:<14}{:>8}  not measured: this build is without {}\n", row.name, threads,
               row.missing);
    return;
  }
  fmt::print("{:<14}{:>8}{:>10.4g} {}", row.name, threads, spread_of(row.ours).median, row.unit);
  if (!row.limit.empty()) {
    const Spread ratio = ratios_of(row);
    fmt::print(" against {:.4g}: {:.2f}x [{:.2f}-{:.2f}], {} pairs", spread_of(row.limit).median,
               ratio.median, ratio.min, ratio.max, row.limit.size());
    if (ratio.median > kMost) fmt::print(", above {}x", kMost);
  }
  fmt::print("\n");
}

std::vector<const Entry*> choose(const std::vector<std::string>& names) {
  std::vector<const Entry*> chosen;
  for (const std::string& name : names) chosen.push_back(&find_entry(name));
  if (chosen.empty()) {
    for (const Entry& entry : kRows) chosen.push_back(&entry);
  }
  return chosen;
}

void run(const Arguments& arguments) {
  check_seconds(arguments.seconds);
  for (int threads : arguments.threads) const ThreadScope check(threads);
  const std::vector<const Entry*> chosen = choose(arguments.names);
  kernels::set_gemm_blocking(kernels::measured_gemm_blocking());
  if (!arguments.json) {
    fmt::print("{}, {} kernels, {}\nproducts: {}\n{:<14}{:>8}\n", cpu_name(), kernels::cpu_target(),
               kernels::blas_description(), to_text(kernels::gemm_blocking()), "", "threads");
  }
  for (const Entry* entry : chosen) {
    for (int threads : arguments.threads) {
      const ThreadScope scope(threads);
      const Row row = entry->make(std::string(entry->name), threads, arguments.seconds);
      arguments.json ? print_json(row, threads) : print_text(row, threads);
      tools::flush_output();
    }
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("row", a.names, "Which of the rows below; default: all");
  program.add_option("--threads", a.threads, "Threads, with commas").show_default();
  program.add_option("--seconds", a.seconds, "How long each is timed").show_default();
  program.add_flag("--json", a.json, "One object a line");
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "bounds",
       .about = "Times kernels, fused loops and a step against what bounds them.",
       .footer = hourglass::bench::listed("Rows", hourglass::bench::kRows)},
      argc, argv, hourglass::bench::add_options);
}
