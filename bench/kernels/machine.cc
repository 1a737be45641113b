#include "bench/kernels/machine.h"

#include <fmt/core.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <span>

#include "bench/common/clock.h"
#include "tensor/kernels/ceiling.h"
#include "tensor/parallel.h"

namespace hourglass::bench {
namespace {

using kernels::internal::multiply_add_burst;
using kernels::internal::stream_copy;
using kernels::internal::stream_triad;

constexpr std::int64_t kLargest = std::int64_t{1} << 28;  // of what stands for memory
constexpr double kTrySeconds = 2e-3;

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

Probe probe_flops(DType dtype, int threads) {
  constexpr std::int64_t kRounds = 10'000;
  const double operations = multiply_add_burst(dtype, 1).operations * kRounds;
  const auto sums = std::make_shared<std::vector<double>>(threads);  // so that none is left out
  return {threads, operations * threads, [=](std::int64_t thread, std::int64_t repeats) {
            for (std::int64_t r = 0; r < repeats; ++r) {
              (*sums)[static_cast<std::size_t>(thread)] += multiply_add_burst(dtype, kRounds).sum;
            }
          }};
}

// As many arrays of equal size as `stream` takes make up the working set; each thread has a part of
// each. All levels use the same memory.
using Arrays = std::span<float* const>;
using Stream = void (*)(Arrays x, std::int64_t first, std::int64_t n);

Probe probe_bandwidth(const std::vector<Tensor>& memory, std::int64_t bytes, int arrays,
                      int threads, Stream stream) {
  const std::int64_t n = bytes / arrays / static_cast<std::int64_t>(sizeof(float));
  std::vector<float*> x;
  for (Tensor array : memory) x.push_back(array.data<float>());
  return {threads, static_cast<double>(n * arrays) * sizeof(float),
          [=](std::int64_t thread, std::int64_t repeats) {
            static_cast<void>(memory);  // held
            const std::int64_t first = n * thread / threads, last = n * (thread + 1) / threads;
            for (std::int64_t r = 0; r < repeats; ++r) stream(x, first, last - first);
          }};
}

void copy(Arrays x, std::int64_t first, std::int64_t n) {
  stream_copy(x[0] + first, x[1] + first, n);
}

void triad(Arrays x, std::int64_t first, std::int64_t n) {
  stream_triad(x[0] + first, x[1] + first, 0.5F, x[2] + first, n);
}

}  // namespace

Probe::Probe(int threads, double work, Body body)
    : threads_(threads), work_(work), body_(std::move(body)) {
  while (work_ * static_cast<double>(repeats_) / now() < kTrySeconds) repeats_ *= 2;
  for (int tries = 0; tries < 6; ++tries) best_ = std::max(best_, now());
}

double Probe::now() const {
  const ThreadScope scope(threads_);
  const double start = seconds_now();
  parallel_for(threads_, [&](std::int64_t thread) { body_(thread, repeats_); });
  return work_ * static_cast<double>(repeats_) / (seconds_now() - start);
}

Machine::Machine() : levels_(find_levels()) {
  const int all = hourglass::threads();
  for (int t = 1; t < all; t *= 2) threads_.push_back(t);
  threads_.push_back(all);
}

void Machine::measure() {
  ceilings_.clear();
  std::vector<Tensor> memory;
  for (int i = 0; i < 3; ++i) {
    const std::int64_t n = levels_.back().bytes / static_cast<std::int64_t>(sizeof(float));
    memory.push_back(
        Tensor::full(Shape{n / (i < 2 ? 2 : 3)}, 1));  // two to copy, three for a triad
  }
  for (int t : threads_) {
    Ceiling& c = ceilings_.emplace_back(
        Ceiling{probe_flops(DType::kF32, t), probe_flops(DType::kF64, t), {}, {}});
    for (const Level& level : levels_) {
      c.copy.push_back(probe_bandwidth(memory, level.bytes, 2, t, copy));
      c.triad.push_back(probe_bandwidth(memory, level.bytes, 3, t, triad));
    }
  }
}

const Machine::Ceiling& Machine::ceiling(int threads) const {
  const auto found = std::find(threads_.begin(), threads_.end(), threads);
  return ceilings_[static_cast<std::size_t>(found - threads_.begin())];
}

const Probe& Machine::arithmetic(DType dtype, int threads) const {
  return dtype == DType::kF64 ? ceiling(threads).f64 : ceiling(threads).f32;
}

const Probe& Machine::stream(std::size_t level, int threads) const {
  const Ceiling& c = ceiling(threads);
  return c.copy[level].best() > c.triad[level].best() ? c.copy[level] : c.triad[level];
}

std::string Machine::text() const {
  std::string text = fmt::format("{:<8}{:>12}{:>12}", "threads", "f32 GFLOP/s", "f64");
  for (const Level& level : levels_) text += fmt::format("{:>18}", level.name + " GB/s");
  text += "   copy / triad\n";
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    const Ceiling& c = ceilings_[i];
    text +=
        fmt::format("{:<8}{:>12.1f}{:>12.1f}", threads_[i], c.f32.best() / 1e9, c.f64.best() / 1e9);
    for (std::size_t k = 0; k < levels_.size(); ++k) {
      text += fmt::format("{:>18}", fmt::format("{:.0f} / {:.0f}", c.copy[k].best() / 1e9,
                                                c.triad[k].best() / 1e9));
    }
    text += "\n";
  }
  return text;
}

}  // namespace hourglass::bench
