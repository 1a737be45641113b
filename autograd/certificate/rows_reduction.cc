#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

using Group = std::vector<double>;

double sum_of(const Group& x) { return std::accumulate(x.begin(), x.end(), 0.0); }
double mean_of(const Group& x) { return sum_of(x) / static_cast<double>(x.size()); }
double prod_of(const Group& x) {
  return std::accumulate(x.begin(), x.end(), 1.0, std::multiplies());
}
double largest_of(const Group& x) { return *std::max_element(x.begin(), x.end()); }
double smallest_of(const Group& x) { return *std::min_element(x.begin(), x.end()); }
double norm_of(const Group& x) {
  return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
}
double variance_of(const Group& x) {
  double total = 0;
  for (double v : x) total += (v - mean_of(x)) * (v - mean_of(x));
  return total / static_cast<double>(x.size());
}
double logsumexp_of(const Group& x) {
  double total = 0;
  const double shift = x.empty() ? 0 : largest_of(x);
  if (!std::isfinite(shift)) return x.empty() ? -kInfinity : shift;
  for (double v : x) total += std::exp(v - shift);
  return std::log(total) + shift;
}

using Reduce = Var (*)(const Var& x, const std::vector<int>& axes, bool keepdims);

Case reduce_case(const Argument& argument, const std::vector<int>& axes, bool keepdims,
                 Reduce build, double (*f)(const Group&)) {
  return {.arguments = {argument},
          .build = [=](const Vars& x) { return build(x[0], axes, keepdims); },
          .reference = [=](const Arrays& x) { return reduce(x[0], axes, keepdims, f); }};
}

// Over the last axis, a middle one, the first and the last, and all.
std::vector<Case> reduce_cases(Reduce build, double (*f)(const Group&), Argument x = {}) {
  x.shape = Shape{2, 3, 4};
  return {reduce_case(x, {2}, false, build, f), reduce_case(x, {1}, true, build, f),
          reduce_case(x, {0, 2}, false, build, f), reduce_case(x, {}, false, build, f)};
}

void add_reduce_rows(Rows& rows) {
  rows.push_back({.name = "sum", .cases = reduce_cases(sum, sum_of), .jointly_linear = true});
  rows.push_back({.name = "mean", .cases = reduce_cases(mean, mean_of), .jointly_linear = true});
  rows.push_back({.name = "max", .cases = reduce_cases(max, largest_of, {.distinct = true})});
  rows.push_back({.name = "min", .cases = reduce_cases(min, smallest_of, {.distinct = true})});
  rows.push_back({.name = "variance",
                  .cases = reduce_cases([](const Var& x, const auto& axes,
                                           bool keep) { return variance(x, axes, keep); },
                                        variance_of)});
  rows.push_back({.name = "norm", .cases = reduce_cases(norm, norm_of)});
  rows.push_back({.name = "logsumexp", .cases = reduce_cases(logsumexp, logsumexp_of)});
  for (const Group& special : {Group{1000, 1001}, Group{-kInfinity, 0},
                               Group{-kInfinity, -kInfinity}, Group{kInfinity, 0}}) {
    Case c = reduce_case({.shape = {2}, .values = special}, {}, false, logsumexp, logsumexp_of);
    c.use = Case::Use::kValue;
    rows.back().cases.push_back(c);
  }
  rows.back().cases.push_back(reduce_case({.shape = {3, 0}}, {1}, false, logsumexp, logsumexp_of));
}

// One, two and three zeros in a group: the derivative of the first, second and third order.
void add_prod_row(Rows& rows) {
  Row row{.name = "prod", .cases = reduce_cases(prod, prod_of, {.low = 0.5, .high = 1.5})};
  for (const Group& zeros : {Group{2, 0, -1.5, 0.5, 3}, Group{2, 0, -1.5, 0, 3, 1},
                             Group{0, 0, -1.5, 0, 3, 1, 2}, Group{0}}) {
    const auto n = static_cast<std::int64_t>(zeros.size());
    row.cases.push_back(reduce_case({.shape = {n}, .values = zeros}, {0}, false, prod, prod_of));
  }
  row.cases.push_back(reduce_case({.shape = {2, 0}}, {1}, false, prod, prod_of));
  rows.push_back(std::move(row));
}

void add_arg_rows(Rows& rows) {
  const auto argmax_of = [](const Group& x) {
    return static_cast<double>(std::max_element(x.begin(), x.end()) - x.begin());
  };
  const auto argmin_of = [](const Group& x) {
    return static_cast<double>(std::min_element(x.begin(), x.end()) - x.begin());
  };
  rows.push_back({.name = "argmax", .cases = reduce_cases(argmax, argmax_of, {.distinct = true})});
  rows.push_back({.name = "argmin", .cases = reduce_cases(argmin, argmin_of, {.distinct = true})});
  for (Row* row : {&rows[rows.size() - 2], &rows.back()}) {  // ties: the first of equals
    Case tie = row->cases[3];
    tie.arguments = {{.shape = {2, 2}, .values = {1, 1, 1, 1}}};
    tie.use = Case::Use::kValue;
    row->cases.push_back(tie);
  }
}

// x [a, n] to y [a, n] row by row, or along axis 0 of [n, a].
std::vector<Case> row_cases(Var (*build)(const Var& x, int axis), Group (*f)(const Group&)) {
  std::vector<Case> cases;
  for (int axis : {1, 0}) {
    cases.push_back({.arguments = {{.shape = {3, 4}}},
                     .build = [=](const Vars& x) { return build(x[0], axis); },
                     .reference =
                         [=](const Arrays& x) {
                           return tabulate(x[0].shape, [&](const Index& i) {
                             Group group;
                             Index k = i;
                             const auto along = static_cast<std::size_t>(axis);
                             for (k[along] = 0; k[along] < x[0].shape[axis]; ++k[along]) {
                               group.push_back(at(x[0], k));
                             }
                             return f(group)[static_cast<std::size_t>(i[along])];
                           });
                         }});
  }
  return cases;
}

Case large_row(const Case& like) {
  Case large = like;
  large.arguments = {
      {.shape = {3, 3}, .values = {1000, 999, -1000, -1e30, 0, 1, -kInfinity, 2, 2}}};
  large.use = Case::Use::kValue;
  return large;
}

Group softmax_of(const Group& x) {
  Group y;
  for (double v : x) y.push_back(std::exp(v - largest_of(x)));
  const double total = sum_of(y);
  for (double& v : y) v /= total;
  return y;
}
Group log_softmax_of(const Group& x) {
  Group y;
  double total = 0;
  for (double v : x) total += std::exp(v - largest_of(x));
  for (double v : x) y.push_back(v - largest_of(x) - std::log(total));
  return y;
}

void add_softmax_rows(Rows& rows) {
  rows.push_back({.name = "softmax", .cases = row_cases(softmax, softmax_of)});
  rows.back().cases.push_back(large_row(rows.back().cases[0]));
  rows.push_back({.name = "log_softmax", .cases = row_cases(log_softmax, log_softmax_of)});
  rows.back().cases.push_back(large_row(rows.back().cases[0]));
}

template <bool exclusive, bool reverse>
Group cumsum_of(const Group& x) {
  Group y(x.size());
  double total = 0;
  for (std::size_t k = 0; k < x.size(); ++k) {
    const std::size_t i = reverse ? x.size() - 1 - k : k;
    y[i] = exclusive ? total : total + x[i];
    total += x[i];
  }
  return y;
}

template <bool exclusive, bool reverse>
void add_cumsum_cases(Row& row) {
  for (Case& c :
       row_cases([](const Var&x, int axis) { return cumsum(x, axis, exclusive, reverse); },
                 cumsum_of<exclusive, reverse>)) {
    row.cases.push_back(std::move(c));
  }
}

}  // namespace

void add_reduction_rows(Rows& rows) {
  add_reduce_rows(rows);
  add_prod_row(rows);
  add_arg_rows(rows);
  add_softmax_rows(rows);
  Row cumsum_row{.name = "cumsum", .cases = {}};
  add_cumsum_cases<false, false>(cumsum_row);
  add_cumsum_cases<true, false>(cumsum_row);
  add_cumsum_cases<false, true>(cumsum_row);
  add_cumsum_cases<true, true>(cumsum_row);
  rows.push_back(std::move(cumsum_row));
}

}  // namespace hourglass::check
