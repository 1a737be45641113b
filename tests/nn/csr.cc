#include "nn/data/csr.h"

#include <doctest/doctest.h>

#include "autograd/graph/evaluate.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/sparse.h"
#include "autograd/transform/transform.h"
#include "nn/layers/linear.h"
#include "tensor/error.h"

using namespace hourglass;

namespace {

// [0 2 0 1; 0 0 0 0; 3 0 0 0; 0 0 4 5]
const nn::CsrMatrix kCounts = {4, {2, 1, 3, 4, 5}, {1, 3, 0, 2, 3}, {0, 2, 2, 3, 5}};

SparseRows rows_of(const nn::CsrBatch& batch) {
  return {constant(batch.values), constant(batch.columns), constant(batch.row_starts)};
}

}  // namespace

TEST_CASE("sparse rows are gathered into arrays of one size, and are the dense ones") {
  kCounts.check("counts");
  CHECK(kCounts.dense({3, 0}).values() == std::vector<double>{0, 0, 4, 5, 0, 2, 0, 1});
  CHECK(kCounts.most_entries(1) == 2);
  CHECK(kCounts.most_entries(3) == 5);
  CHECK(kCounts.most_entries(9) == 5);
  const nn::CsrBatch batch = kCounts.batch({2, 1, 3}, 4);
  CHECK(batch.values.values() == std::vector<double>{3, 4, 5, 0});
  CHECK(batch.columns.values() == std::vector<double>{0, 2, 3, 0});
  CHECK(batch.row_starts.values() == std::vector<double>{0, 1, 1, 3});
}

TEST_CASE("a linear layer of sparse rows is the layer of the dense ones, and so is its gradient") {
  nn::InitSource source(1);
  const nn::Linear layer = nn::make_linear(4, 3, nn::Init::kTorch, source);
  const std::vector<std::int32_t> ids = {3, 1, 0, 3};
  const Var dense = layer(constant(kCounts.dense(ids)));
  const Var sparse = layer(rows_of(kCounts.batch(ids, 8)));
  CHECK(sparse.value().identical(dense.value()));
  const auto gradient = [&](const Var& y) { return grad(sum(square(y)), layer.weight).value(); };
  CHECK(gradient(sparse).identical(gradient(dense)));
}

TEST_CASE("arrays of no sparse matrix are refused in one line, and so are rows it does not have") {
  const auto broken = [](auto change) {
    nn::CsrMatrix m = kCounts;
    change(m);
    m.check("counts");
  };
  CHECK_THROWS_WITH_AS(broken([](auto& m) { m.width = 0; }),
                       "counts: the width must be 1 to 2147483647: got 0", Error);
  CHECK_THROWS_WITH_AS(broken([](auto& m) { m.values.pop_back(); }),
                       "counts: needs a column a value: 5 vs 4", Error);
  CHECK_THROWS_WITH_AS(broken([](auto& m) { m.row_starts[1] = 3; }),
                       "counts: row starts must rise from 0 to the entries, 5", Error);
  CHECK_THROWS_WITH_AS(broken([](auto& m) { m.columns[4] = 4; }),
                       "counts: row 3: column 4: expected 0 to 3", Error);
  CHECK_THROWS_WITH_AS(broken([](auto& m) { m.columns[4] = 2; }),
                       "counts: row 3: columns must rise: 2 after 2", Error);
  CHECK_THROWS_WITH_AS(kCounts.dense({4}), "sparse rows: row 4 of 4: expected 0 to 3", Error);
  CHECK_THROWS_WITH_AS(kCounts.batch({0, 3}, 3),
                       "sparse rows: 2 rows do not fit into a capacity of 3 entries", Error);
  CHECK_THROWS_WITH_AS(kCounts.batch({0}, -1),
                       "sparse rows: the capacity must be 0 to 2147483647: got -1", Error);
}
