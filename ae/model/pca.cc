#include "ae/model/pca.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "tensor/error.h"
#include "tensor/kernels.h"

namespace hourglass::ae {
namespace {

// Stored rows, in the numbers that they are learnt in.
struct Rows {
  const nn::Rows& stored;
  const InputScale& scale;

  std::int64_t count() const { return stored.shape()[0]; }
  std::int64_t columns() const { return stored.shape()[1]; }
  Tensor range(std::int64_t first, std::int64_t last) const {
    return scale.scaled(constant(stored.rows(first, last)), DType::kF64).value();
  }
};

constexpr std::int64_t kChunk = 4096;  // rows at a time: the data in f64 need not fit at once

template <class F>
void for_chunks(const Rows& all, F&& f) {
  const std::int64_t n = all.count();
  for (std::int64_t first = 0; first < n; first += kChunk) {
    f(all.range(first, std::min(first + kChunk, n)));
  }
}

// Summed from the first row on, so that a pixel that never changes has exactly its mean.
Tensor mean_of(const Rows& all) {
  const std::int64_t d = all.columns();
  const Tensor first = all.range(0, 1);
  Tensor mean(Shape{d}, DType::kF64);
  for_chunks(all, [&](Tensor rows) {
    double* x = rows.data<double>();
    for (std::int64_t i = 0; i < rows.elements(); ++i) x[i] -= first.at(i % d);
    Tensor sum = Tensor::uninitialized(Shape{d}, DType::kF64);
    kernels::reduce(kernels::Reduction::kSum, DType::kF64, rows.raw(), sum.raw(), 1,
                    rows.shape()[0], d);
    for (std::int64_t i = 0; i < d; ++i) mean.data<double>()[i] += sum.at(i);
  });
  for (std::int64_t i = 0; i < d; ++i) {
    double& m = mean.data<double>()[i];
    m = first.at(i) + m / static_cast<double>(all.count());
  }
  return mean;
}

// Sum of (x - mean)(x - mean)' / N over the rows: the data are centred first, so nothing cancels.
Tensor covariance_of(const Rows& all, const Tensor& mean) {
  const std::int64_t d = all.columns();
  const double n = static_cast<double>(all.count());
  Tensor total(Shape{d, d}, DType::kF64);
  Tensor part = Tensor::uninitialized(Shape{d, d}, DType::kF64);
  const double* m = mean.data<double>();
  for_chunks(all, [&](Tensor rows) {
    double* x = rows.data<double>();
    for (std::int64_t i = 0; i < rows.elements(); ++i) x[i] -= m[i % d];
    kernels::Gemm gemm;
    gemm.m = gemm.n = d;
    gemm.k = rows.shape()[0];
    gemm.transpose_a = true;
    kernels::gemm(DType::kF64, gemm, x, x, part.raw());
    for (std::int64_t i = 0; i < d * d; ++i) total.data<double>()[i] += part.data<double>()[i] / n;
  });
  return total;
}

// An orthonormal basis of the columns of a [D, k], as rows [k, D]: modified Gram-Schmidt, twice,
// which is orthogonal to rounding for any matrix of full rank.
Tensor orthonormal_rows(const Tensor& a) {
  const std::int64_t d = a.shape()[0], k = a.shape()[1];
  Tensor q = Tensor::uninitialized(Shape{k, d}, DType::kF64);
  const int swap[] = {1, 0};
  kernels::transpose(DType::kF64, a.shape().sizes(), swap, a.raw(), q.raw());
  const auto dot = [d](const double* x, const double* y) {
    double sum = 0;
    for (std::int64_t i = 0; i < d; ++i) sum += x[i] * y[i];
    return sum;
  };
  for (std::int64_t j = 0; j < k; ++j) {
    double* v = q.data<double>() + j * d;
    const double before = std::sqrt(dot(v, v));
    for (int pass = 0; pass < 2; ++pass) {
      for (std::int64_t i = 0; i < j; ++i) {
        const double* u = q.data<double>() + i * d;
        const double along = dot(u, v);
        for (std::int64_t x = 0; x < d; ++x) v[x] -= along * u[x];
      }
    }
    const double length = std::sqrt(dot(v, v));
    if (!(length > 1e-12 * before)) {
      throw Error(fmt::format("principal_angles: the columns are not independent: column {} of {}",
                              j, to_string(a.shape())));
    }
    for (std::int64_t x = 0; x < d; ++x) v[x] /= length;
  }
  return q;
}

Tensor f32_of(const Tensor& t) { return t.cast(DType::kF32); }

}  // namespace

Pca fit_pca(const nn::Rows& rows, const InputScale& scale) {
  if (rows.shape().rank() != 2 || rows.shape().elements() == 0) {
    throw Error(fmt::format("pca: examples must be [N, D]: got {}", to_string(rows.shape())));
  }
  const std::int64_t d = rows.shape()[1];
  const Rows all{rows, scale};
  Pca pca;
  pca.mean = mean_of(all);
  const Tensor covariance = covariance_of(all, pca.mean);
  Tensor values = Tensor::uninitialized(Shape{d}, DType::kF64);
  Tensor vectors = Tensor::uninitialized(Shape{d, d}, DType::kF64);
  kernels::symmetric_eigen(d, covariance.data<double>(), values.data<double>(),
                           vectors.data<double>());
  pca.variances = Tensor::uninitialized(Shape{d}, DType::kF64);
  pca.components = Tensor::uninitialized(Shape{d, d}, DType::kF64);
  for (std::int64_t i = 0; i < d; ++i) {  // ascending to descending
    const std::int64_t from = d - 1 - i;
    pca.variances.data<double>()[i] = values.at(from);
    std::copy_n(vectors.data<double>() + from * d, d, pca.components.data<double>() + i * d);
  }
  return pca;
}

Autoencoder pca_autoencoder(const Pca& pca, std::int64_t code) {
  const std::int64_t d = pca.mean.elements();
  if (code < 1 || code > d) {
    throw Error(fmt::format("pca: the code must have 1 to {} dimensions: got {}", d, code));
  }
  Spec spec;
  spec.encoder = {d, code};
  spec.output = nn::Activation::kIdentity;
  Autoencoder model = make_autoencoder(spec, 0);
  set_to_pca(model, pca);
  return model;
}

void set_to_pca(Autoencoder& model, const Pca& pca) {
  const std::int64_t d = pca.mean.elements(), code = model.spec.code_width();
  const Tensor v = pca.components.rows(0, code);  // [code, D]
  Tensor v_transposed = Tensor::uninitialized(Shape{d, code}, DType::kF64);
  const int swap[] = {1, 0};
  kernels::transpose(DType::kF64, v.shape().sizes(), swap, v.raw(), v_transposed.raw());
  Tensor shift = Tensor::uninitialized(Shape{code}, DType::kF64);  // -V mean
  kernels::Gemm gemm;
  gemm.m = code;
  gemm.n = 1;
  gemm.k = d;
  kernels::gemm(DType::kF64, gemm, v.raw(), pca.mean.raw(), shift.raw());
  for (std::int64_t i = 0; i < code; ++i) shift.data<double>()[i] *= -1;
  model.encoder.layers[0].linear.weight.assign(f32_of(v));
  model.encoder.layers[0].linear.bias.assign(f32_of(shift));
  model.decoder.layers[0].linear.weight.assign(f32_of(v_transposed));
  model.decoder.layers[0].linear.bias.assign(f32_of(pca.mean));
}

std::vector<double> principal_angles(const Tensor& a, const Tensor& b) {
  if (a.shape().rank() != 2 || b.shape().rank() != 2 || a.shape()[0] != b.shape()[0]) {
    throw Error(fmt::format("principal_angles: needs columns of one length: a={}, b={}",
                            to_string(a.shape()), to_string(b.shape())));
  }
  const Tensor qa = orthonormal_rows(a), qb = orthonormal_rows(b);
  const std::int64_t k = a.shape()[1], l = b.shape()[1];
  Tensor product = Tensor::uninitialized(Shape{k, l}, DType::kF64);
  kernels::Gemm gemm;
  gemm.m = k;
  gemm.n = l;
  gemm.k = a.shape()[0];
  gemm.transpose_b = true;
  kernels::gemm(DType::kF64, gemm, qa.raw(), qb.raw(), product.raw());
  std::vector<double> cosines(static_cast<std::size_t>(std::min(k, l)));
  kernels::singular_values(k, l, product.data<double>(), cosines.data());
  for (double& c : cosines) c = std::acos(std::clamp(c, -1.0, 1.0)) * 180 / std::numbers::pi;
  return cosines;
}

}  // namespace hourglass::ae
