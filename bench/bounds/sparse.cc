#include "autograd/ops/sparse.h"
#include "autograd/compile/program.h"
#include "autograd/transform/transform.h"
#include "bench/bounds/rows.h"
#include "bench/common/clock.h"
#include "nn/data/csr.h"
#include "nn/layers/linear.h"
#include "tensor/random.h"

namespace hourglass::bench {
namespace {

constexpr std::int64_t kSparseBatch = 512, kWords = 20000, kUnits = 256, kEvery = 100;

// One word in a hundred, drawn; counts of 1 to 4.
nn::CsrMatrix make_counts() {
  nn::CsrMatrix counts{.width = kWords};
  const Tensor draws = uniform(key_of(5), "counts", 0, Shape{kSparseBatch * kWords});
  const float* u = draws.data<float>();
  for (std::int64_t i = 0; i < kSparseBatch; ++i) {
    for (std::int64_t j = 0; j < kWords; ++j) {
      const float scaled = u[i * kWords + j] * kEvery;
      if (scaled >= 1) continue;
      counts.values.push_back(1 + static_cast<float>(static_cast<int>(4 * scaled)));
      counts.columns.push_back(static_cast<std::int32_t>(j));
    }
    counts.row_starts.push_back(counts.entries());
  }
  return counts;
}

// A layer's product and its weight's gradient, for the cotangent g.
Program layer_program(const nn::Linear& layer, const Var& y, std::vector<Var> inputs, int threads) {
  const Var g = input(y.shape());
  inputs.push_back(g);
  return compile({y, vjp(y, {layer.weight}, g)[0]}, {.inputs = inputs, .threads = threads});
}

}  // namespace

Row sparse_row(const std::string& name, int threads, double seconds) {
  nn::InitSource source(5);
  const nn::Linear layer = nn::make_linear(kWords, kUnits, nn::Init::kTorch, source);
  const nn::CsrMatrix counts = make_counts();
  std::vector<std::int32_t> rows;
  for (std::int32_t i = 0; i < kSparseBatch; ++i) rows.push_back(i);
  const nn::CsrBatch batch = counts.batch(rows, counts.entries());
  const Tensor x = counts.dense(rows),
               g = uniform(key_of(5), "g", 0, Shape{kSparseBatch, kUnits}, -1, 1);

  const SparseRows s{input(batch.values.shape()), input(batch.columns.shape(), DType::kI32),
                     input(batch.row_starts.shape(), DType::kI32)};
  const Var dense_x = input(x.shape());
  Program sparse = layer_program(layer, layer(s), {s.values, s.columns, s.row_starts}, threads);
  Program dense = layer_program(layer, layer(dense_x), {dense_x}, threads);
  Row row{name, "ms"};
  time_pairs(
      seconds,
      [&] {
        sparse.run({batch.values, batch.columns, batch.row_starts, g});
      },
      [&] {
        dense.run({x, g});
      },
      row.ours, row.limit, 1e3);
  return row;
}

}  // namespace hourglass::bench
