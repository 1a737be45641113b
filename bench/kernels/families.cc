#include "bench/kernels/families.h"

#include <benchmark/benchmark.h>
#include <fmt/core.h>

#include <algorithm>

#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

struct Row {
  std::string name;
  std::function<void(benchmark::State&)> run;
};

std::vector<Row>& rows() {
  static std::vector<Row> all;
  return all;
}

}  // namespace

void add_row(const Machine& machine, const std::string& name, DType dtype, int threads,
             const Work& work, std::function<Call()> make) {
  rows().push_back({name, [=, &machine](benchmark::State& state) {
                      using benchmark::Counter;
                      const double bound = std::max(
                          work.bytes / machine.bandwidth(work.level, threads),
                          work.operations / machine.flops(dtype, threads));  // seconds a call
                      const ThreadScope scope(threads);
                      const Call call = make();
                      for (auto _ : state) call();
                      const double calls = static_cast<double>(state.iterations());
                      state.counters["GB/s"] = Counter(work.bytes / 1e9 * calls, Counter::kIsRate);
                      if (work.operations > 0) {
                        state.counters["GFLOP/s"] =
                            Counter(work.operations / 1e9 * calls, Counter::kIsRate);
                        state.counters["FLOP/byte"] = work.operations / work.bytes;
                      }
                      state.counters["share"] = Counter(bound * calls, Counter::kIsRate);
                    }});
}

// The library's own filter would see the names with "/real_time" at their ends.
std::size_t choose_rows(const std::regex& filter) {
  std::size_t chosen = 0;
  for (const Row& row : rows()) {
    if (!std::regex_search(row.name, filter)) continue;
    benchmark::RegisterBenchmark(row.name.c_str(), row.run)->UseRealTime();
    ++chosen;
  }
  return chosen;
}

std::size_t level_of(const Machine& machine, double bytes) {
  std::size_t level = 0;
  while (level + 1 < machine.levels().size() &&
         bytes > 2 * static_cast<double>(machine.levels()[level].bytes)) {
    ++level;
  }
  return level;
}

void at_all_sizes(const Machine& machine, const std::string& name, int arrays, const AtSize& f) {
  for (DType dtype : {DType::kF32, DType::kF64}) {
    for (std::size_t level = 0; level < machine.levels().size(); ++level) {
      const Level& l = machine.levels()[level];
      const std::int64_t n = l.bytes / arrays / static_cast<std::int64_t>(size_of(dtype));
      for (int threads : machine.threads()) {
        f(fmt::format("{}/{}/{}/{}", name, name_of(dtype), l.name, threads), dtype, level, threads,
          n);
      }
    }
  }
}

}  // namespace hourglass::bench
