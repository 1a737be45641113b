#include "bench/baselines/projections.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "ae/model/pca.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

// The orthogonal matrix R with the largest trace of R' m, m [k, k]: m (m' m)^(-1/2).
Var nearest_turn(const Var& m) {
  const std::int64_t k = m.size(0);
  Tensor values(Shape{k}, DType::kF64), vectors(Shape{k, k}, DType::kF64);
  kernels::symmetric_eigen(k, matmul(m, m, true).value().data<double>(), values.data<double>(),
                           vectors.data<double>());
  if (values.at(0) <= 1e-12 * values.at(k - 1)) {
    throw Error(fmt::format("itq: the rows vary in fewer than {} directions", k));
  }
  const Var axes = constant(vectors);
  const Var shortened = matmul(axes, diag(rsqrt(constant(values))), true);
  return matmul(m, matmul(shortened, axes));
}

}  // namespace

Tensor latent_semantic_axes(const nn::Rows& rows, std::int64_t k) {
  const std::int64_t d = rows.width();
  if (k < 1 || k > d) throw Error(fmt::format("lsa: expected 1 to {} numbers: got {}", d, k));
  Tensor squares(Shape{d, d}, DType::kF64);
  Tensor part = Tensor::uninitialized(Shape{d, d}, DType::kF64);
  nn::for_chunks(rows, [&](const Tensor& chunk, std::int64_t) {
    const Tensor x = chunk.cast(DType::kF64);
    kernels::Gemm gemm;
    gemm.m = gemm.n = d;
    gemm.k = x.shape()[0];
    gemm.transpose_a = true;
    kernels::gemm(DType::kF64, gemm, x.raw(), x.raw(), part.raw());
    for (std::int64_t i = 0; i < d * d; ++i) squares.data<double>()[i] += part.data<double>()[i];
  });
  Tensor values(Shape{d}, DType::kF64), vectors(Shape{d, d}, DType::kF64);
  kernels::symmetric_eigen(d, squares.data<double>(), values.data<double>(),
                           vectors.data<double>());
  Tensor axes(Shape{k, d}, DType::kF64);
  for (std::int64_t i = 0; i < k; ++i) {  // ascending to descending
    std::copy_n(vectors.data<double>() + (d - 1 - i) * d, d, axes.data<double>() + i * d);
  }
  return axes.cast(DType::kF32);
}

Tensor random_axes(std::int64_t width, std::int64_t k, std::uint64_t seed) {
  return normal(key_of(seed), "random projection", 0, Shape{k, width}, 0,
                1 / std::sqrt(static_cast<double>(k)));
}

Tensor quantization_axes(const nn::Rows& rows, std::int64_t k, std::uint64_t seed) {
  const std::int64_t d = rows.width();
  if (k < 1 || k > d) throw Error(fmt::format("itq: expected 1 to {} numbers: got {}", d, k));
  constexpr int kTurns = 50;
  const Var components = constant(ae::fit_pca(rows).components.rows(0, k));
  const Tensor axes = components.value().cast(DType::kF32);
  const Var from_origin = constant(projected(rows, axes).cast(DType::kF64));
  const Var places = from_origin - mean(from_origin, {0}, true);
  const Tensor draws = normal(key_of(seed), "itq: turn", 0, Shape{4 * k, k}, 0, 1, DType::kF64);
  Var turn = constant(ae::fit_pca(draws).components);  // in no direction more than others
  for (int i = 0; i < kTurns; ++i) {
    turn = nearest_turn(matmul(places, sign(matmul(places, turn)), true));
  }
  return matmul(turn, components, true).value().cast(DType::kF32);
}

Tensor projected(const nn::Rows& rows, const Tensor& axes) {
  Tensor y(Shape{rows.count(), axes.shape()[0]}, DType::kF32);
  nn::for_chunks(rows, [&](const Tensor& chunk, std::int64_t first) {
    const Tensor x = chunk.cast(DType::kF32);
    kernels::Gemm gemm;
    gemm.m = x.shape()[0];
    gemm.n = axes.shape()[0];
    gemm.k = axes.shape()[1];
    gemm.transpose_b = true;
    kernels::gemm(DType::kF32, gemm, x.raw(), axes.raw(), y.data<float>() + first * gemm.n);
  });
  return y;
}

}  // namespace hourglass::bench
