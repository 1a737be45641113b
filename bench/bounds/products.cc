#include <algorithm>
#include <array>

#include "bench/bounds/hand.h"
#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "bench/common/workloads.h"
#include "tensor/kernels/gemm/product.h"
#include "tensor/parallel.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::array<std::int64_t, 9> kWidths = {784, 1000, 500, 250, 30, 250, 500, 1000, 784};
constexpr std::int64_t kBatch = 512;
constexpr std::int64_t kAdamGrain = 32768;

// op(a) op(b), each matrix stored dense, cut into a part a thread along the longer side of c, for
// OpenBLAS alone: its own threads are slower than this.
struct Matrices {
  std::int64_t m, n, k;
  bool transpose_a = false, transpose_b = false;
};
void multiply(const Matrices& s, int threads, const float* a, const float* b, float* c) {
  const bool by_rows = s.m >= s.n;
  const std::int64_t size = by_rows ? s.m : s.n;
  const std::int64_t part = (size + threads - 1) / threads;
  parallel_ranges(size, part, [&](std::int64_t first, std::int64_t last) {
    const kernels::internal::Product p{.m = by_rows ? last - first : s.m,
                                       .n = by_rows ? s.n : last - first,
                                       .k = s.k,
                                       .transpose_a = s.transpose_a,
                                       .transpose_b = s.transpose_b,
                                       .lda = s.transpose_a ? s.m : s.k,
                                       .ldb = s.transpose_b ? s.k : s.n,
                                       .ldc = s.n};
    const std::int64_t i = by_rows ? first : 0, j = by_rows ? 0 : first;
    kernels::internal::multiply_by_blas(p, a + (s.transpose_a ? i : i * s.k),
                                        b + (s.transpose_b ? j * s.k : j), c + i * s.n + j);
  });
}

struct Layer {
  std::int64_t in, out;
  Tensor w, dw, m, v;  // [out, in]
};

class Limit {
 public:
  explicit Limit(int threads) : threads_(threads) {
    for (std::size_t i = 0; i < kWidths.size(); ++i) {
      const auto stream = static_cast<std::uint32_t>(i);
      activations_.push_back(
          uniform(key_of(5), {"activations", stream}, 0, Shape{kBatch, kWidths[i]}));
      gradients_.push_back(activations_.back().clone());
      if (i + 1 == kWidths.size()) break;
      const Shape shape{kWidths[i + 1], kWidths[i]};
      const Tensor w = uniform(key_of(5), {"weights", stream}, 1, shape, -0.01, 0.01);
      layers_.push_back({kWidths[i], kWidths[i + 1], w, Tensor(shape, DType::kF32),
                         Tensor(shape, DType::kF32), Tensor(shape, DType::kF32)});
    }
  }

  void step() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      Layer& l = layers_[i];
      multiply({kBatch, l.out, l.in, false, true}, threads_, activations_[i].data<float>(),
               l.w.data<float>(), activations_[i + 1].data<float>());
    }
    for (std::size_t i = layers_.size(); i-- > 0;) {
      Layer& l = layers_[i];
      const float* g = gradients_[i + 1].data<float>();
      multiply({l.out, l.in, kBatch, true, false}, threads_, g, activations_[i].data<float>(),
               l.dw.data<float>());
      if (i == 0) break;
      multiply({kBatch, l.in, l.out}, threads_, g, l.w.data<float>(), gradients_[i].data<float>());
    }
    for (Layer& l : layers_) update(l);
  }

 private:
  static void update(Layer& l) {
    float *p = l.w.data<float>(), *m = l.m.data<float>(), *v = l.v.data<float>();
    const float* g = l.dw.data<float>();
    parallel_ranges(l.w.elements(), kAdamGrain, [&](std::int64_t first, std::int64_t last) {
      adam_by_hand(p + first, m + first, v + first, g + first, last - first, {});
    });
  }

  int threads_;
  std::vector<Tensor> activations_, gradients_;
  std::vector<Layer> layers_;
};

}  // namespace

Row products_row(const std::string& name, int threads, double seconds) {
  const Workload& workload = find_workload("W2b512");
  Program program = make_training(workload, {.threads = threads});
  const Tensor x = make_images(workload).rows(0, workload.batch);
  Limit limit(threads);
  Row row{name, "ms"};
  time_pairs(
      seconds, [&] { program.run({x}); }, [&] { limit.step(); }, row.ours, row.limit, 1e3);
  return row;
}

}  // namespace hourglass::bench
