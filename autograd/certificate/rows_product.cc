#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

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
}

}  // namespace hourglass::check
