// Exact neighbours among a million codes of 128 numbers, by the numbers and by their bits, beside what
// the machine's memory and its multiply-adds allow at most.

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ae/measure/binary_codes.h"
#include "ae/measure/neighbours.h"
#include "bench/common/clock.h"
#include "bench/common/main.h"
#include "bench/common/process.h"
#include "bench/kernels/machine.h"
#include "tensor/kernels.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

struct Arguments {
  std::int64_t items = 1000000, width = 128, queries = 256, k = 10;
  double seconds = 2;
};

struct Codes {
  Tensor items, queries;
};

Codes make_codes(const Arguments& a) {
  return {normal(key_of(1), "items", 0, Shape{a.items, a.width}, 0, 1, DType::kF32),
          normal(key_of(1), "queries", 0, Shape{a.queries, a.width}, 0, 1, DType::kF32)};
}

// A line: what it took, what that is in the unit of a ceiling, and the share of it.
void print(const std::string& name, int threads, double seconds, double amount, const char* unit,
           double ceiling) {
  const double rate = amount / seconds * 1e-9;
  fmt::print("{:<34} {:>7} {:>10.2f} ms {:>9.1f} {:<8} {:>9.1f} {:>6.0f} %\n", name, threads,
             1e3 * seconds, rate, unit, 1e-9 * ceiling, 100 * rate * 1e9 / ceiling);
}

// Of a call: on one thread what it computed, whatever else the machine does, else the least of many.
template <class F>
double time_of(int threads, double seconds, F&& f) {
  int calls = 0;
  const double before = user_seconds();
  const Spread wall = spread_of(time_calls(seconds, [&] {
    f();
    ++calls;
  }));
  return threads == 1 ? (user_seconds() - before) / calls : wall.min;
}

// As find() has them, in blocks that stay in cache.
void products(const Arguments& a, const Codes& codes) {
  constexpr std::int64_t kBlock = 2048;
  std::vector<float> product(static_cast<std::size_t>(a.queries * kBlock));
  for (std::int64_t i = 0; i < a.items; i += kBlock) {
    const std::int64_t n = std::min(kBlock, a.items - i);
    kernels::gemm(DType::kF32, {.m = a.queries, .n = n, .k = a.width, .transpose_b = true},
                  codes.queries.data<float>(), codes.items.data<float>() + i * a.width,
                  product.data());
  }
}

void real_rows(const Arguments& a, const Codes& codes, const Machine& machine, int threads) {
  const ae::NearestNeighbours search(codes.items);
  const Tensor one = codes.queries.rows(0, 1);
  const double bytes = static_cast<double>(codes.items.bytes());
  const std::size_t memory = machine.levels().size() - 1;
  print("one query", threads, time_of(threads, a.seconds, [&] { search.find(one, a.k); }), bytes,
        "GB/s", machine.bandwidth(memory, threads));
  const double operations =
      2 * static_cast<double>(a.items) * static_cast<double>(a.width * a.queries);
  const double flops = machine.flops(DType::kF32, threads);
  print(fmt::format("{} queries", a.queries), threads,
        time_of(threads, a.seconds, [&] { search.find(codes.queries, a.k); }), operations,
        "GFLOP/s", flops);
  print("the products alone", threads, time_of(threads, a.seconds, [&] { products(a, codes); }),
        operations, "GFLOP/s", flops);
}

void bit_rows(const Arguments& a, const Codes& codes, const Machine& machine, int threads) {
  const Tensor medians = ae::column_medians(codes.items);
  const ae::BinaryCodes items = ae::binarised(codes.items, medians);
  const ae::BinaryCodes queries = ae::binarised(codes.queries, medians);
  const ae::BinaryCodes one = ae::binarised(codes.queries.rows(0, 1), medians);
  const double bytes = 8 * static_cast<double>(items.words.size());
  std::size_t level = 0;  // the first that holds them
  while (level + 1 < machine.levels().size() &&
         static_cast<double>(machine.levels()[level].bytes) < bytes) {
    ++level;
  }
  print("one query by its bits", threads,
        time_of(threads, a.seconds, [&] { ae::k_nearest(one, items, a.k); }), bytes, "GB/s",
        machine.bandwidth(level, 1));
  print(fmt::format("{} queries by their bits", a.queries), threads,
        time_of(threads, a.seconds, [&] { ae::k_nearest(queries, items, a.k); }),
        bytes * static_cast<double>(a.queries), "GB/s", machine.bandwidth(level, threads));
}

void run(const Arguments& a) {
  Machine machine;
  machine.measure();
  const Codes codes = make_codes(a);
  fmt::print("the {} nearest of {} codes of {} numbers\n{:<34} {:>7} {:>13} {:>18} {:>9} {:>8}\n",
             a.k, a.items, a.width, "", "threads", "time", "rate", "at most", "share");
  for (const int threads : machine.threads()) {
    const ThreadScope scope(threads);
    real_rows(a, codes, machine, threads);
    bit_rows(a, codes, machine, threads);
  }
}

std::function<void()> add_options(const tools::Command& program) {
  const auto arguments = std::make_shared<Arguments>();
  Arguments& a = *arguments;
  program.add_option("--items", a.items, "Codes that are searched").show_default();
  program.add_option("--width", a.width, "Numbers of a code").show_default();
  program.add_option("--queries", a.queries, "Queries at once").show_default();
  program.add_option("--k", a.k, "Neighbours of each").show_default();
  program.add_option("--seconds", a.seconds, "For each row").show_default();
  return [arguments] { run(*arguments); };
}

}  // namespace
}  // namespace hourglass::bench

int main(int argc, char** argv) {
  return hourglass::bench::run_main(
      {.name = "search",
       .about = "Exact neighbours among many codes, beside what the machine allows at most."},
      argc, argv, hourglass::bench::add_options);
}
