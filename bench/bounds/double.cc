// What f64 is for: products, and gradients that are checked.

#include "autograd/check/gradcheck.h"
#include "autograd/ops/ops.h"
#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "nn/layers/losses.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

Tensor numbers_f64(std::uint32_t stream, const Shape& shape) {
  return uniform(key_of(5), {"numbers", stream}, 0, shape, -1, 1, DType::kF64);
}

template <class F>
Row in_ms(const std::string& name, double seconds, F&& f) {
  Row row{name, "ms"};
  for (double t : time_calls(seconds, f)) row.ours.push_back(t * 1e3);
  return row;
}

// x, and weight and bias of both layers.
Var loss(const std::vector<Var>& p) {
  const Var h = tanh(matmul(p[0], p[1], false, true) + p[2]);
  const Var y = sigmoid(matmul(h, p[3], false, true) + p[4]);
  return mean(square(y - p[0]));
}

}  // namespace

Row product_f64_row(const std::string& name, int, double seconds) {
  constexpr std::int64_t kM = 512, kN = 1000, kK = 784;
  const Tensor a = numbers_f64(0, Shape{kM, kK}), b = numbers_f64(1, Shape{kN, kK});
  Tensor c(Shape{kM, kN}, DType::kF64);
  const kernels::Gemm shape{.m = kM, .n = kN, .k = kK, .transpose_b = true};
  return in_ms(name, seconds,
               [&] { kernels::gemm(DType::kF64, shape, a.raw(), b.raw(), c.raw()); });
}

Row gradcheck_row(const std::string& name, int, double seconds) {
  constexpr std::int64_t kRows = 4, kWidth = 16, kUnits = 8;
  const std::vector<Tensor> inputs = {
      numbers_f64(0, Shape{kRows, kWidth}), numbers_f64(1, Shape{kUnits, kWidth}),
      numbers_f64(2, Shape{kUnits}), numbers_f64(3, Shape{kWidth, kUnits}),
      numbers_f64(4, Shape{kWidth})};
  return in_ms(name, seconds, [&] {
    if (!gradcheck(loss, inputs).passed) throw Error("bounds: gradcheck: the gradient is wrong");
  });
}

}  // namespace hourglass::bench
