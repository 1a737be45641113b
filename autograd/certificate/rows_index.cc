#include <algorithm>
#include <numeric>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

Argument indices(const Shape& shape, double n) {
  return {.shape = shape, .low = 0, .high = n, .indices = true};
}

// x [2, 5, 3] by indices along axis 1.
Case take_case(const Shape& k) {
  return {.arguments = {{.shape = {2, 5, 3}}, indices(k, 5)},
          .build = [](const Vars& x) { return take(x[0], x[1], 1); },
          .reference =
              [k](const Arrays& x) {
                Array flat = tabulate({2, k.elements(), 3}, [&](const Index& i) {
                  const double j = x[1].values[static_cast<std::size_t>(i[1])];
                  return at(x[0], {i[0], static_cast<std::int64_t>(j), i[2]});
                });
                std::vector<std::int64_t> sizes = k.sizes();
                sizes.insert(sizes.begin(), 2);
                sizes.push_back(3);
                return Array{Shape(sizes), flat.values};
              }};
}

// x [2, k.., 3] added up into [2, 4, 3].
Case scatter_case(const Shape& k) {
  std::vector<std::int64_t> sizes = k.sizes();
  sizes.insert(sizes.begin(), 2);
  sizes.push_back(3);
  return {.arguments = {{.shape = Shape(sizes)}, indices(k, 4)},
          .build = [](const Vars& x) { return scatter_add(x[0], x[1], 1, 4); },
          .reference =
              [k](const Arrays& x) {
                const Array flat{Shape{2, k.elements(), 3}, x[0].values};
                return tabulate({2, 4, 3}, [&](const Index& i) {
                  double total = 0;
                  for (std::int64_t j = 0; j < k.elements(); ++j) {
                    const double to = x[1].values[static_cast<std::size_t>(j)];
                    if (to == static_cast<double>(i[1])) total += at(flat, {i[0], j, i[2]});
                  }
                  return total;
                });
              }};
}

void add_take_rows(Rows& rows) {
  rows.push_back({.name = "take", .cases = {take_case({4}), take_case({2, 3}), take_case({})}});
  rows.push_back({.name = "scatter_add", .cases = {scatter_case({5}), scatter_case({2, 3})}});
  rows.push_back(
      {.name = "take_along",
       .cases = {{.arguments = {{.shape = {3, 5}}, indices({3, 4}, 5)},
                  .build = [](const Vars& x) { return take_along(x[0], x[1]); },
                  .reference =
                      [](const Arrays& x) {
                        return tabulate({3, 4}, [&](const Index& i) {
                          return at(x[0], {i[0], static_cast<std::int64_t>(at(x[1], i))});
                        });
                      }}}});
  rows.push_back(
      {.name = "scatter_along",
       .cases = {{.arguments = {{.shape = {3, 5}}, indices({3, 5}, 4)},
                  .build = [](const Vars& x) { return scatter_along(x[0], x[1], 4); },
                  .reference =
                      [](const Arrays& x) {
                        return tabulate({3, 4}, [&](const Index& i) {
                          double total = 0;
                          for (std::int64_t j = 0; j < 5; ++j) {
                            const bool here = at(x[1], {i[0], j}) == static_cast<double>(i[1]);
                            if (here) total += at(x[0], {i[0], j});
                          }
                          return total;
                        });
                      }}}});
}

// The order of row r of x [r, n], largest first if descending.
std::vector<std::int64_t> order_of(const Array& x, std::int64_t r, bool descending) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(x.shape[1]));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), [&](std::int64_t i, std::int64_t j) {
    return descending ? at(x, {r, i}) > at(x, {r, j}) : at(x, {r, i}) < at(x, {r, j});
  });
  return order;
}

Case order_case(const Argument& x, std::int64_t count, bool descending,
                std::function<Var(const Var&)> build) {
  return {.arguments = {x},
          .build = [build](const Vars& v) { return build(v[0]); },
          .reference =
              [=](const Arrays& v) {
                return tabulate({v[0].shape[0], count}, [&](const Index& i) {
                  const auto order = order_of(v[0], i[0], descending);
                  return static_cast<double>(order[static_cast<std::size_t>(i[1])]);
                });
              }};
}

void add_order_rows(Rows& rows) {
  const Argument distinct{.shape = {3, 6}, .distinct = true};
  const Argument ties{.shape = {1, 6}, .values = {1, 2, 1, 2, 0, 1}};
  Row argsort_row{.name = "argsort", .cases = {}};
  Row top_k_row{.name = "top_k", .cases = {}};
  for (const Argument& x : {distinct, ties}) {
    argsort_row.cases.push_back(order_case(x, 6, false, [](const Var& v) { return argsort(v); }));
    argsort_row.cases.push_back(
        order_case(x, 6, true, [](const Var& v) { return argsort(v, -1, true); }));
    top_k_row.cases.push_back(
        order_case(x, 3, true, [](const Var& v) { return top_k(v, 3).indices; }));
  }
  rows.push_back(std::move(argsort_row));
  rows.push_back(std::move(top_k_row));
}

}  // namespace

void add_index_rows(Rows& rows) {
  add_take_rows(rows);
  add_order_rows(rows);
}

}  // namespace hourglass::check
