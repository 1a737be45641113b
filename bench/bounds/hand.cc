#include "bench/bounds/hand.h"

#include <cmath>

namespace hourglass::bench {

// By instructions: a name like haswell is of Intel's CPUs alone. Elsewhere all CPUs have what the
// compiler chooses.
#if defined(__x86_64__)
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3",
                     "default")]] decltype(adam_by_hand) adam_by_hand;
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3",
                     "default")]] decltype(bias_relu_by_hand) bias_relu_by_hand;
[[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3",
                     "default")]] decltype(mse_gradient_by_hand) mse_gradient_by_hand;
#endif

void adam_by_hand(float* __restrict p, float* __restrict m, float* __restrict v,
                  const float* __restrict g, std::int64_t n, const AdamFactors& factors) {
  const AdamFactors f = factors;
  for (std::int64_t i = 0; i < n; ++i) {
    m[i] = f.beta1 * m[i] + (1 - f.beta1) * g[i];
    v[i] = f.beta2 * v[i] + (1 - f.beta2) * g[i] * g[i];
    p[i] -= f.rate * (f.correction1 * m[i]) / (std::sqrt(f.correction2 * v[i]) + f.epsilon);
  }
}

void bias_relu_by_hand(const float* __restrict x, const float* __restrict bias, float* __restrict y,
                       std::int64_t rows, std::int64_t columns) {
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = 0; j < columns; ++j) {
      const float z = x[i * columns + j] + bias[j];
      y[i * columns + j] = z > 0 ? z : 0;
    }
  }
}

void mse_gradient_by_hand(const float* __restrict y, const float* __restrict t, float* __restrict g,
                          std::int64_t n, float scale) {
  for (std::int64_t i = 0; i < n; ++i) g[i] = scale * (y[i] - t[i]) * y[i] * (1 - y[i]);
}

}  // namespace hourglass::bench
