#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/sparse.h"

namespace hourglass::check {
namespace {

// op(a) op(b) by three loops; leading axes that an operand lacks are shared.
Array matmul_of(const Array& a, const Array& b, bool ta, bool tb) {
  const std::int64_t k = a.shape[ta ? -2 : -1];
  const Array& batch = a.shape.rank() > b.shape.rank() ? a : b;
  std::vector<std::int64_t> sizes(batch.shape.sizes().begin(), batch.shape.sizes().end() - 2);
  sizes.push_back(a.shape[ta ? -1 : -2]);
  sizes.push_back(b.shape[tb ? -2 : -1]);
  return tabulate(Shape(sizes), [&](const Index& i) {
    const auto element = [&](const Array& x, std::int64_t row, std::int64_t column, bool swap) {
      Index index(i.begin(), i.begin() + (x.shape.rank() - 2));
      index.push_back(swap ? column : row);
      index.push_back(swap ? row : column);
      return at(x, index);
    };
    double total = 0;
    for (std::int64_t j = 0; j < k; ++j) {
      total += element(a, i[i.size() - 2], j, ta) * element(b, j, i.back(), tb);
    }
    return total;
  });
}

Case matmul_case(const Shape& a, const Shape& b, bool ta, bool tb) {
  return {.arguments = {{.shape = a}, {.shape = b}},
          .build = [=](const Vars& x) { return matmul(x[0], x[1], ta, tb); },
          .reference = [=](const Arrays& x) { return matmul_of(x[0], x[1], ta, tb); }};
}

// --- products with a sparse matrix of 4 rows and 5 columns: 7 entries, the second row without any,
// two of the last in one column, and room for 2 more.

constexpr std::int64_t kWidth = 5;
const std::vector<std::int32_t> kStarts = {0, 3, 3, 5, 7};
const std::vector<double> kColumns = {0, 2, 4, 1, 2, 3, 3, 0, 0};
const Shape kEntries{9};

SparseRows sparse(const Var& values, const Var& columns) {
  return {values, columns, constant(Tensor::from<std::int32_t>(kStarts, Shape{5}))};
}

Shape stored(std::int64_t rows, std::int64_t columns, bool transposed) {
  return transposed ? Shape{columns, rows} : Shape{rows, columns};
}

double at(const Array& x, std::int64_t row, std::int64_t column, bool transposed) {
  return transposed ? at(x, {column, row}) : at(x, {row, column});
}

// The sum of f(row, column, p) over the entries p.
double over_entries(const Array& columns,
                    const std::function<double(std::int64_t, std::int64_t, std::size_t)>& f) {
  double total = 0;
  for (std::size_t i = 0; i + 1 < kStarts.size(); ++i) {
    for (auto p = static_cast<std::size_t>(kStarts[i]);
         p < static_cast<std::size_t>(kStarts[i + 1]); ++p) {
      total += f(static_cast<std::int64_t>(i), static_cast<std::int64_t>(columns.values[p]), p);
    }
  }
  return total;
}

Case sparse_case(const Argument& columns, bool transposed) {
  return {
      .arguments = {{.shape = kEntries}, columns, {.shape = stored(kWidth, 3, transposed)}},
      .build = [=](const Vars& x) { return sparse_matmul(sparse(x[0], x[1]), x[2], transposed); },
      .reference =
          [=](const Arrays& x) {
            return tabulate({4, 3}, [&](const Index& i) {
              return over_entries(x[1], [&](auto row, auto column, auto p) {
                if (row != i[0]) return 0.0;
                return x[0].values[p] * at(x[2], column, i[1], transposed);
              });
            });
          }};
}

Case sparse_transpose_case(const Argument& columns, bool transposed) {
  return {.arguments = {{.shape = kEntries}, columns, {.shape = {4, 3}}},
          .build =
              [=](const Vars& x) {
                return sparse_transpose_matmul(sparse(x[0], x[1]), x[2], kWidth, transposed);
              },
          .reference =
              [=](const Arrays& x) {
                return tabulate(stored(kWidth, 3, transposed), [&](const Index& i) {
                  const std::int64_t to = i[transposed ? 1 : 0], j = i[transposed ? 0 : 1];
                  return over_entries(x[1], [&](auto row, auto column, auto p) {
                    return column == to ? x[0].values[p] * at(x[2], {row, j}) : 0.0;
                  });
                });
              }};
}

Case sampled_case(const Argument& columns, bool transposed) {
  return {
      .arguments = {{.shape = {4, 3}}, columns, {.shape = stored(kWidth, 3, transposed)}},
      .build =
          [=](const Vars& x) { return sampled_matmul(sparse({}, x[1]), x[0], x[2], transposed); },
      .reference =
          [=](const Arrays& x) {
            return tabulate(kEntries, [&](const Index& i) {
              return over_entries(x[1], [&](auto row, auto column, auto p) {
                double dot = 0;
                if (p != static_cast<std::size_t>(i[0])) return dot;
                for (std::int64_t j = 0; j < 3; ++j) {
                  dot += at(x[0], {row, j}) * at(x[2], column, j, transposed);
                }
                return dot;
              });
            });
          }};
}

void add_sparse_rows(Rows& rows) {
  const Argument drawn{.shape = kEntries, .low = 0, .high = kWidth, .indices = true};
  Argument twice = drawn;
  twice.values = kColumns;
  const auto add = [&](const char* name, Case (*make)(const Argument&, bool)) {
    rows.push_back({.name = name, .cases = {make(drawn, false), make(twice, true)}});
  };
  add("sparse_matmul", sparse_case);
  add("sparse_transpose_matmul", sparse_transpose_case);
  add("sampled_matmul", sampled_case);
}

}  // namespace

void add_product_rows(Rows& rows) {
  Row row{.name = "matmul", .cases = {}};
  row.cases = {matmul_case({2, 3}, {3, 4}, false, false),
               matmul_case({3, 2}, {3, 4}, true, false),
               matmul_case({2, 3}, {4, 3}, false, true),
               matmul_case({3, 2}, {4, 3}, true, true),
               matmul_case({2, 2, 3}, {2, 3, 2}, false, false),
               matmul_case({2, 3, 2}, {2, 2, 3}, true, true),
               matmul_case({2, 3}, {2, 3, 2}, false, false),  // one left matrix for the batch
               matmul_case({2, 3, 2}, {2, 3}, true, true),    // one right matrix
               matmul_case({2, 0}, {0, 3}, false, false)};    // a sum of nothing
  rows.push_back(std::move(row));
  add_sparse_rows(rows);
}

}  // namespace hourglass::check
