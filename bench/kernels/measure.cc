#include "bench/kernels/measure.h"

#include <cmath>

#include "bench/common/clock.h"
#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

double seconds_of(const Call& call, std::int64_t calls) {
  const double start = seconds_now();
  for (std::int64_t i = 0; i < calls; ++i) call();
  return (seconds_now() - start) / static_cast<double>(calls);
}

// So many that they take `seconds`, after some that warm caches and threads.
std::int64_t calls_in(double seconds, const Call& call) {
  call();
  std::int64_t calls = 1;
  double each = seconds_of(call, calls);
  while (each * static_cast<double>(calls) < seconds / 4) each = seconds_of(call, calls *= 2);
  return std::max<std::int64_t>(1, std::llround(seconds / each));
}

}  // namespace

Figures measure(const Machine& machine, const Row& row, double seconds, int repetitions) {
  const ThreadScope scope(row.threads);
  const Call call = row.make();
  const std::int64_t calls = calls_in(seconds / repetitions, call);
  const Probe& arithmetic = machine.arithmetic(row.dtype, row.threads);
  const Probe& stream = machine.stream(row.work.level, row.threads);
  Figures figures{.name = row.name,
                  .dtype = row.dtype,
                  .threads = row.threads,
                  .work = row.work,
                  .seconds = {},
                  .shares = {}};
  double bandwidth = 0, rate = 0;
  for (int i = 0; i < repetitions; ++i) {
    figures.seconds.push_back(seconds_of(call, calls));
    bandwidth = std::max(bandwidth, stream.now());
    rate = std::max(rate, arithmetic.now());
  }
  const double moving = row.work.bytes / bandwidth, computed = 2 * row.work.instructions / rate;
  figures.by_arithmetic = computed > moving;
  for (double took : figures.seconds) figures.shares.push_back(std::max(moving, computed) / took);
  return figures;
}

}  // namespace hourglass::bench
