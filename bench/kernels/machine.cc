#include "bench/kernels/machine.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>

#include "bench/common/clock.h"
#include "tensor/kernels/ceiling.h"
#include "tensor/parallel.h"
#include "tensor/tensor.h"

namespace hourglass::bench {
namespace {

using kernels::internal::multiply_add_burst;
using kernels::internal::stream_copy;
using kernels::internal::stream_triad;

constexpr std::int64_t kLargest = std::int64_t{1} << 28;  // of what stands for memory

std::int64_t cache_size(int name, std::int64_t otherwise) {
  const long size = sysconf(name);
  return size > 0 ? size : otherwise;
}

// Half of a cache, so that nothing else drives the numbers out.
std::vector<Level> find_levels() {
  const std::int64_t l1 = cache_size(_SC_LEVEL1_DCACHE_SIZE, 32 << 10);
  const std::int64_t l2 = cache_size(_SC_LEVEL2_CACHE_SIZE, 512 << 10);
  const std::int64_t l3 = cache_size(_SC_LEVEL3_CACHE_SIZE, 0);
  std::vector<Level> levels = {{"L1", l1 / 2}, {"L2", l2 / 2}};
  if (l3 > 2 * l2) levels.push_back({"L3", l3 / 2});
  levels.push_back({"memory", std::min(kLargest, 4 * std::max(l3, 8 * l2))});
  return levels;
}

// The best of a few tries: `body(thread, repeats)` on each thread at once, repeated so often that a
// try takes some milliseconds; the seconds of one repeat.
template <class Body>
double best_seconds(int threads, Body&& body) {
  const ThreadScope scope(threads);
  std::int64_t repeats = 1;
  double best = 1e9;
  for (int tries = 0; tries < 6;) {
    const double start = seconds_now();
    parallel_for(threads, [&](std::int64_t thread) { body(thread, repeats); });
    const double seconds = seconds_now() - start;
    if (seconds < 5e-3) {
      repeats *= 2;
      continue;
    }
    best = std::min(best, seconds / static_cast<double>(repeats));
    ++tries;
  }
  return best;
}

double measure_flops(DType dtype, int threads) {
  constexpr std::int64_t kRounds = 10'000;
  std::vector<double> sums(static_cast<std::size_t>(threads));
  double operations = 0;
  const double seconds = best_seconds(threads, [&](std::int64_t thread, std::int64_t repeats) {
    for (std::int64_t r = 0; r < repeats; ++r) {
      const auto burst = multiply_add_burst(dtype, kRounds);
      sums[static_cast<std::size_t>(thread)] += burst.sum;
      if (thread == 0) operations = burst.operations;
    }
  });
  return operations * threads / seconds;
}

// `arrays` of equal size make up the working set; each thread has a part of each.
template <class Stream>
double measure_bandwidth(std::int64_t bytes, int arrays, int threads, Stream&& stream) {
  const std::int64_t n = bytes / arrays / static_cast<std::int64_t>(sizeof(float));
  std::vector<Tensor> data;
  for (int i = 0; i < arrays; ++i) data.push_back(Tensor::full(Shape{n}, 1));
  const double seconds = best_seconds(threads, [&](std::int64_t thread, std::int64_t repeats) {
    const std::int64_t first = n * thread / threads, last = n * (thread + 1) / threads;
    for (std::int64_t r = 0; r < repeats; ++r) stream(data, first, last - first);
  });
  return static_cast<double>(n * arrays) * sizeof(float) / seconds;
}

double measure_copy(std::int64_t bytes, int threads) {
  return measure_bandwidth(bytes, 2, threads, [](std::vector<Tensor>& x, auto first, auto n) {
    stream_copy(x[0].data<float>() + first, x[1].data<float>() + first, n);
  });
}

double measure_triad(std::int64_t bytes, int threads) {
  return measure_bandwidth(bytes, 3, threads, [](std::vector<Tensor>& x, auto first, auto n) {
    stream_triad(x[0].data<float>() + first, x[1].data<float>() + first, 0.5F,
                 x[2].data<float>() + first, n);
  });
}

}  // namespace

Machine::Machine() : levels_(find_levels()) {
  const int all = hourglass::threads();
  for (int t = 1; t < all; t *= 2) threads_.push_back(t);
  threads_.push_back(all);
}

void Machine::measure() {
  ceilings_.clear();
  for (int t : threads_) {
    Ceiling& c = ceilings_.emplace_back();
    c.f32 = measure_flops(DType::kF32, t);
    c.f64 = measure_flops(DType::kF64, t);
    for (const Level& level : levels_) {
      c.copy.push_back(measure_copy(level.bytes, t));
      c.triad.push_back(measure_triad(level.bytes, t));
    }
  }
}

const Machine::Ceiling& Machine::ceiling(int threads) const {
  const auto found = std::find(threads_.begin(), threads_.end(), threads);
  return ceilings_[static_cast<std::size_t>(found - threads_.begin())];
}

double Machine::flops(DType dtype, int threads) const {
  return dtype == DType::kF64 ? ceiling(threads).f64 : ceiling(threads).f32;
}

double Machine::bandwidth(std::size_t level, int threads) const {
  const Ceiling& c = ceiling(threads);
  return std::max(c.copy[level], c.triad[level]);
}

std::string Machine::text() const {
  std::string text = fmt::format("{:<8}{:>12}{:>12}", "threads", "f32 GFLOP/s", "f64");
  for (const Level& level : levels_) text += fmt::format("{:>18}", level.name + " GB/s");
  text += "   copy / triad\n";
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    const Ceiling& c = ceilings_[i];
    text += fmt::format("{:<8}{:>12.1f}{:>12.1f}", threads_[i], c.f32 / 1e9, c.f64 / 1e9);
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      text +=
          fmt::format("{:>18}", fmt::format("{:.0f} / {:.0f}", c.copy[k] / 1e9, c.triad[k] / 1e9));
    }
    text += "\n";
  }
  return text;
}

}  // namespace hourglass::bench
