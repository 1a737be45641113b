#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>
#include <vector>

#include "tensor/kernels/gemm/blocking.h"
#include "tensor/kernels/gemm/product.h"

namespace hourglass::kernels {
namespace {

using internal::Product;

constexpr int kRounds = 4;
constexpr double kGain = 0.97;  // of the time: less is the clock's

// Products as layers have them, whose times one choice decides.
Product layer(std::int64_t m, std::int64_t n, std::int64_t k, bool transpose_a, bool transpose_b) {
  return {.m = m,
          .n = n,
          .k = k,
          .transpose_a = transpose_a,
          .transpose_b = transpose_b,
          .lda = transpose_a ? m : k,
          .ldb = transpose_b ? k : n,
          .ldc = n};
}

class Tuner {
 public:
  // Takes the best of the candidates, where it is clearly ahead of what stands.
  template <class T>
  void choose(T GemmBlocking::*what, const std::vector<T>& candidates,
              const std::vector<Product>& products) {
    std::vector<GemmBlocking> trials = {best_};
    for (const T& candidate : candidates) {
      trials.push_back(best_);
      trials.back().*what = candidate;
    }
    const std::vector<double> times = measure(trials, products);
    const auto fastest = std::min_element(times.begin(), times.end());
    if (*fastest < kGain * times[0]) {
      best_ = trials[static_cast<std::size_t>(fastest - times.begin())];
    }
  }

  const GemmBlocking& best() const { return best_; }

 private:
  // Of each, the sum of its products' times, a round of all after the other: whatever else the
  // machine does falls on all. Products count alike.
  std::vector<double> measure(const std::vector<GemmBlocking>& trials,
                              const std::vector<Product>& products) {
    std::vector<double> sums(trials.size());
    for (const Product& p : products) {
      std::vector<double> least(trials.size(), std::numeric_limits<double>::infinity());
      for (int round = 0; round < kRounds; ++round) {
        for (std::size_t i = 0; i < trials.size(); ++i) {
          least[i] = std::min(least[i], seconds(p, trials[i]));
        }
      }
      for (std::size_t i = 0; i < trials.size(); ++i) sums[i] += least[i] / least[0];
    }
    return sums;
  }

  double seconds(const Product& p, const GemmBlocking& blocking) {
    a_.resize(std::max(a_.size(), static_cast<std::size_t>(p.m * p.k)), 0.5F);
    b_.resize(std::max(b_.size(), static_cast<std::size_t>(p.k * p.n)), 0.5F);
    c_.resize(std::max(c_.size(), static_cast<std::size_t>(p.m * p.n)));
    const auto start = std::chrono::steady_clock::now();
    internal::multiply_by_tiles(p, a_.data(), b_.data(), c_.data(), blocking);
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  }

  GemmBlocking best_ = default_gemm_blocking();
  std::vector<float> a_, b_, c_;
};

}  // namespace

GemmBlocking measured_gemm_blocking() {
  Tuner tuner;
  const Product forward = layer(160, 400, 784, false, true);
  const Product backward = layer(160, 400, 784, false, false);
  const Product weights = layer(400, 784, 160, true, false);
  const Product narrow = layer(128, 36, 784, false, true);
  const Product narrow_weights = layer(784, 36, 128, true, false);
  tuner.choose(&GemmBlocking::depth, {512, 384, 256, 192, 128}, {forward, backward, narrow});
  tuner.choose(&GemmBlocking::rows_kib, {384, 1536}, {layer(480, 192, 784, false, true)});
  tuner.choose(&GemmBlocking::packs_transposed, {!tuner.best().packs_transposed}, {weights});
  tuner.choose(&GemmBlocking::in_place, {0, 4, 16, 64}, {layer(128, 400, 784, false, false)});
  tuner.choose(&GemmBlocking::turns_narrow, {!tuner.best().turns_narrow}, {narrow_weights});
  return tuner.best();
}

}  // namespace hourglass::kernels
