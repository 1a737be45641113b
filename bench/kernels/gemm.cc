// The products of the training steps of W1, W2, W3 and W6: forward (NT), input gradient (NN),
// weight gradient (TN).

#include <fmt/core.h>

#include <array>

#include "bench/kernels/families.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

struct Product {
  std::int64_t m, n, k;
  bool transpose_a, transpose_b;
};

constexpr std::array<Product, 15> kProducts = {{
    {128, 36, 784, false, true},
    {128, 784, 36, false, true},
    {128, 36, 784, false, false},
    {784, 36, 128, true, false},
    {128, 1000, 784, false, true},
    {128, 784, 1000, false, false},
    {1000, 784, 128, true, false},
    {128, 400, 784, false, true},
    {128, 256, 784, false, true},
    {256, 784, 128, true, false},
    {128, 30, 250, false, true},
    {30, 250, 128, true, false},
    {512, 1000, 784, false, true},
    {512, 784, 1000, false, false},
    {1000, 784, 512, true, false},
}};

void add_product(Rows& rows, const Machine& machine, const Product& p, DType dtype, int threads) {
  const std::string name =
      fmt::format("gemm_{}{}/{}x{}x{}/{}/{}", p.transpose_a ? 'T' : 'N', p.transpose_b ? 'T' : 'N',
                  p.m, p.n, p.k, name_of(dtype), threads);
  const double bytes =
      static_cast<double>(p.m * p.k + p.k * p.n + p.m * p.n) * static_cast<double>(size_of(dtype));
  const double multiply_adds = static_cast<double>(p.m * p.n) * static_cast<double>(p.k);
  const Work work{.bytes = bytes,
                  .operations = 2 * multiply_adds,
                  .instructions = multiply_adds,
                  .level = level_of(machine, bytes)};
  rows.push_back({name, dtype, threads, work, [=]() -> Call {
                    const Tensor a = uniform(key_of(5), "a", 0, Shape{p.m * p.k}, -1, 1, dtype);
                    const Tensor b = uniform(key_of(5), "b", 0, Shape{p.k * p.n}, -1, 1, dtype);
                    Tensor c(Shape{p.m * p.n}, dtype);
                    const kernels::Gemm shape{.m = p.m,
                                              .n = p.n,
                                              .k = p.k,
                                              .transpose_a = p.transpose_a,
                                              .transpose_b = p.transpose_b};
                    return
                        [=]() mutable { kernels::gemm(dtype, shape, a.raw(), b.raw(), c.raw()); };
                  }});
}

}  // namespace

void add_gemm(Rows& rows, const Machine& machine) {
  for (const Product& p : kProducts) {
    for (DType dtype : {DType::kF32, DType::kF64}) {
      for (int threads : machine.threads()) add_product(rows, machine, p, dtype, threads);
    }
  }
}

}  // namespace hourglass::bench
