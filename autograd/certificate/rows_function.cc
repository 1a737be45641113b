#include <algorithm>
#include <cmath>
#include <numbers>

#include "autograd/certificate/rows.h"
#include "autograd/ops/composites.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

double softplus_of(double x) { return (x > 0 ? x : 0) + std::log1p(std::exp(-std::abs(x))); }
double xlogy_of(double x, double y) { return x == 0 ? 0 : x * std::log(y); }
double kl_bernoulli_of(double p, double q) {
  const auto part = [](double x, double y) { return x == 0 ? 0 : x * std::log(x / y); };
  return part(p, q) + part(1 - p, 1 - q);
}

// A function of scalars, element by element, in arguments sampled from the given ranges.
Row scalar_row(const char* name, std::vector<Argument> arguments,
               std::function<Var(const Vars&)> build,
               std::function<double(const std::vector<double>&)> f) {
  for (Argument& a : arguments) a.shape = Shape{2, 3};
  return {.name = name,
          .cases = {{.arguments = std::move(arguments),
                     .build = std::move(build),
                     .reference = [f](const Arrays& x) { return elementwise(x, f); }}}};
}

// Values at chosen points, one list an argument.
void add_points(Row& row, const std::vector<std::vector<double>>& points,
                Case::Use use = Case::Use::kValue) {
  Case c = row.cases[0];
  for (std::size_t i = 0; i < points.size(); ++i) {
    c.arguments[i] = {.shape = Shape{static_cast<std::int64_t>(points[i].size())},
                      .values = points[i]};
  }
  c.use = use;
  row.cases.push_back(std::move(c));
}

void add_scalar_rows(Rows& rows) {
  rows.push_back(scalar_row(
      "logaddexp", {{}, {}}, [](const Vars& x) { return logaddexp(x[0], x[1]); },
      [](const auto& x) {
        if (x[0] == x[1]) return x[0] + (std::isinf(x[0]) ? 0 : std::numbers::ln2);
        return std::max(x[0], x[1]) + std::log1p(std::exp(-std::abs(x[0] - x[1])));
      }));
  // A tie, where a kink would hide; and what exp alone could not hold.
  add_points(rows.back(), {{0.5, -1}, {0.5, -1}}, Case::Use::kAll);
  add_points(rows.back(), {{1000, -1000, -kInfinity, -kInfinity, kInfinity, 1e-3},
                           {999, -1001, 0, -kInfinity, kInfinity, -1e10}});
  rows.push_back(scalar_row(
      "log_sigmoid", {{}}, [](const Vars& x) { return log_sigmoid(x[0]); },
      [](const auto& x) { return -softplus_of(-x[0]); }));
  add_points(rows.back(), {kBothTails}, Case::Use::kTails);
  rows.push_back(scalar_row(
      "log_cosh", {{}}, [](const Vars& x) { return log_cosh(x[0]); },
      [](const auto& x) {
        return std::abs(x[0]) + std::log1p(std::exp(-2 * std::abs(x[0]))) - std::numbers::ln2;
      }));
  add_points(rows.back(), {{0, 1e-3, 1000, -1000}}, Case::Use::kAll);
  add_points(rows.back(), {kBothTails}, Case::Use::kTails);
  rows.push_back(scalar_row(
      "huber", {{.kinks = {-1.25, 1.25}}}, [](const Vars& x) { return huber(x[0], 1.25); },
      [](const auto& x) {
        const double a = std::abs(x[0]);
        return a <= 1.25 ? a * a / 2 : 1.25 * (a - 0.625);
      }));
  add_points(rows.back(), {{0, 1.25, -1.25, 1000, -1000}});
}

void add_divergence_rows(Rows& rows) {
  const auto kl_of = [](double m, double lv, double m2, double lv2) {
    const double d = m - m2;
    return 0.5 * (lv2 - lv + (std::exp(lv) + d * d) / std::exp(lv2) - 1);
  };
  rows.push_back(scalar_row(
      "kl_standard_normal", {{}, {}}, [](const Vars& x) { return kl_standard_normal(x[0], x[1]); },
      [=](const auto& x) { return kl_of(x[0], x[1], 0, 0); }));
  rows.push_back(scalar_row(
      "kl_normal", {{}, {}, {}, {}},
      [](const Vars& x) { return kl_normal(x[0], x[1], x[2], x[3]); },
      [=](const auto& x) { return kl_of(x[0], x[1], x[2], x[3]); }));
  const Argument open{.low = 0.125, .high = 0.875};
  rows.push_back(scalar_row(
      "kl_bernoulli", {open, open}, [](const Vars& x) { return kl_bernoulli(x[0], x[1]); },
      [](const auto& x) { return kl_bernoulli_of(x[0], x[1]); }));
  add_points(rows.back(), {{0, 0, 1, 1, 0.5, 0.5, 0}, {0, 0.5, 1, 0.5, 0, 1, 1}});
  rows.push_back(scalar_row(
      "kl_bernoulli_with_logits", {open, {}},
      [](const Vars& x) { return kl_bernoulli_with_logits(x[0], x[1]); },
      [](const auto& x) {
        const double entropy = xlogy_of(x[0], x[0]) + xlogy_of(1 - x[0], 1 - x[0]);
        return entropy + x[0] * softplus_of(-x[1]) + (1 - x[0]) * softplus_of(x[1]);
      }));
  add_points(rows.back(), {{0, 1, 0.5}, {0, 0, 30}});
  rows.push_back(scalar_row(
      "log_normal_density", {{}, {}, {}},
      [](const Vars& x) { return log_normal_density(x[0], x[1], x[2]); },
      [](const auto& x) {
        const double d = x[0] - x[1];
        return -0.5 * (d * d / std::exp(x[2]) + x[2] + std::log(2 * std::numbers::pi));
      }));
}

void add_cosine_row(Rows& rows) {
  const auto reference = [](const Arrays& x) {
    return tabulate({3}, [&](const Index& i) {
      double ab = 0, aa = 0, bb = 0;
      for (std::int64_t j = 0; j < 4; ++j) {
        const double a = at(x[0], {i[0], j}), b = at(x[1], {i[0], j});
        ab += a * b;
        aa += a * a;
        bb += b * b;
      }
      return ab == 0 ? 0 : ab / std::sqrt(aa * bb);
    });
  };
  Case c{.arguments = {{.shape = {3, 4}}, {.shape = {3, 4}}},
         .build = [](const Vars& x) { return cosine_similarity(x[0], x[1]); },
         .reference = reference};
  Case zero = c;
  zero.arguments[0].values.assign(12, 0);
  zero.use = Case::Use::kValue;
  rows.push_back({.name = "cosine_similarity", .cases = {c, zero}});
}

void add_distance_row(Rows& rows) {
  const auto reference = [](const Arrays& x) {
    return tabulate({3, 2}, [&](const Index& i) {
      double total = 0;
      for (std::int64_t k = 0; k < 4; ++k) {
        const double d = at(x[0], {i[0], k}) - at(x[1], {i[1], k});
        total += d * d;
      }
      return total;
    });
  };
  rows.push_back({.name = "squared_distances",
                  .cases = {{.arguments = {{.shape = {3, 4}}, {.shape = {2, 4}}},
                             .build = [](const Vars& x) { return squared_distances(x[0], x[1]); },
                             .reference = reference}}});
}

void add_matrix_rows(Rows& rows) {
  rows.push_back({.name = "diag",
                  .cases = {{.arguments = {{.shape = {2, 3}}},
                             .build = [](const Vars& x) { return diag(x[0]); },
                             .reference =
                                 [](const Arrays& x) {
                                   return tabulate({2, 3, 3}, [&](const Index& i) {
                                     return i[1] == i[2] ? at(x[0], {i[0], i[1]}) : 0.0;
                                   });
                                 }}},
                  .jointly_linear = true});
  rows.push_back({.name = "diagonal", .cases = {}, .jointly_linear = true});
  for (const Shape& shape : {Shape{2, 3, 3}, Shape{2, 2, 4}, Shape{2, 4, 2}}) {
    rows.back().cases.push_back({.arguments = {{.shape = shape}},
                                 .build = [](const Vars& x) { return diagonal(x[0]); },
                                 .reference =
                                     [](const Arrays& x) {
                                       return tabulate({2, std::min(x[0].shape[1], x[0].shape[2])},
                                                       [&](const Index& i) {
                                                         return at(x[0], {i[0], i[1], i[1]});
                                                       });
                                     }});
  }
  rows.push_back({.name = "matvec",
                  .cases = {{.arguments = {{.shape = {3, 4}}, {.shape = {4}}},
                             .build = [](const Vars& x) { return matvec(x[0], x[1]); },
                             .reference =
                                 [](const Arrays& x) {
                                   return tabulate({3}, [&](const Index& i) {
                                     double total = 0;
                                     for (std::int64_t j = 0; j < 4; ++j) {
                                       total += at(x[0], {i[0], j}) * at(x[1], {j});
                                     }
                                     return total;
                                   });
                                 }}}});
}

// Functions that only move numbers: y[i] = x[from(i)], over one input.
Row moving_row(const char* name, const Shape& x, const Shape& y, Var (*build)(const Var&),
               Index (*from)(const Index&)) {
  return {.name = name,
          .cases = {{.arguments = {{.shape = x}},
                     .build = [build](const Vars& v) { return build(v[0]); },
                     .reference =
                         [y, from](const Arrays& a) {
                           return tabulate(y, [&](const Index& i) { return at(a[0], from(i)); });
                         }}},
          .jointly_linear = true};
}

void add_moving_rows(Rows& rows) {
  rows.push_back(moving_row(
      "expand_dims", {2, 3}, {2, 1, 3}, [](const Var& x) { return expand_dims(x, 1); },
      [](const Index& i) {
        return Index{i[0], i[2]};
      }));
  rows.push_back(moving_row(
      "squeeze", {2, 1, 3}, {2, 3}, [](const Var& x) { return squeeze(x); },
      [](const Index& i) {
        return Index{i[0], 0, i[1]};
      }));
  rows.push_back(moving_row(
      "tile", {2, 3}, {4, 3},
      [](const Var& x) {
        return tile(x, {2, 1});
      },
      [](const Index& i) {
        return Index{i[0] % 2, i[1]};
      }));
  rows.push_back(moving_row(
      "stack", {2, 3}, {2, 2, 3},
      [](const Var& x) {
        return stack({x, x}, 1);
      },
      [](const Index& i) {
        return Index{i[0], i[2]};
      }));
  rows.push_back(moving_row(
      "split", {2, 5}, {2, 3},
      [](const Var& x) {
        return split(x, {2, 3}, 1)[1];
      },
      [](const Index& i) {
        return Index{i[0], i[1] + 2};
      }));
}

void add_vector_rows(Rows& rows) {
  rows.push_back({.name = "outer",
                  .cases = {{.arguments = {{.shape = {3}}, {.shape = {4}}},
                             .build = [](const Vars& x) { return outer(x[0], x[1]); },
                             .reference =
                                 [](const Arrays& x) {
                                   return tabulate({3, 4}, [&](const Index& i) {
                                     return at(x[0], {i[0]}) * at(x[1], {i[1]});
                                   });
                                 }}}});
  rows.push_back({.name = "dot",
                  .cases = {{.arguments = {{.shape = {4}}, {.shape = {4}}},
                             .build = [](const Vars& x) { return dot(x[0], x[1]); },
                             .reference =
                                 [](const Arrays& x) {
                                   double total = 0;
                                   for (std::int64_t i = 0; i < 4; ++i) {
                                     total += at(x[0], {i}) * at(x[1], {i});
                                   }
                                   return Array{Shape{}, {total}};
                                 }}}});
  rows.push_back({.name = "trace",
                  .cases = {{.arguments = {{.shape = {2, 3, 3}}},
                             .build = [](const Vars& x) { return trace(x[0]); },
                             .reference =
                                 [](const Arrays& x) {
                                   return tabulate({2}, [&](const Index& i) {
                                     return at(x[0], {i[0], 0, 0}) + at(x[0], {i[0], 1, 1}) +
                                            at(x[0], {i[0], 2, 2});
                                   });
                                 }}},
                  .jointly_linear = true});
}

void add_lookup_rows(Rows& rows) {
  const Argument indices{.shape = {2, 2}, .low = 0, .high = 4, .indices = true};
  rows.push_back({.name = "embedding",
                  .cases = {{.arguments = {{.shape = {4, 3}}, indices},
                             .build = [](const Vars& x) { return embedding(x[0], x[1]); },
                             .reference =
                                 [](const Arrays& x) {
                                   return tabulate({2, 2, 3}, [&](const Index& i) {
                                     const double row = at(x[1], {i[0], i[1]});
                                     return at(x[0], {static_cast<std::int64_t>(row), i[2]});
                                   });
                                 }}}});
  rows.push_back({.name = "one_hot",
                  .cases = {{.arguments = {indices},
                             .build = [](const Vars& x) { return one_hot(x[0], 3, DType::kF64); },
                             .reference =
                                 [](const Arrays& x) {
                                   return tabulate({2, 2, 3}, [&](const Index& i) {
                                     const double hot = at(x[0], {i[0], i[1]});
                                     return hot == static_cast<double>(i[2]) ? 1.0 : 0.0;
                                   });
                                 }}}});
}

void add_sorted_rows(Rows& rows) {
  const Argument x{.shape = {3, 5}, .distinct = true};
  const auto sorted = [](const Arrays& v, std::int64_t column, std::int64_t i) {
    std::vector<double> group;
    for (std::int64_t k = 0; k < v[0].shape[0]; ++k) group.push_back(at(v[0], {k, column}));
    std::sort(group.begin(), group.end());
    return group[static_cast<std::size_t>(i)];
  };
  rows.push_back(
      {.name = "sort",
       .cases = {
           {.arguments = {x},
            .build = [](const Vars& v) { return sort(v[0], 0); },
            .reference =
                [sorted](const Arrays& v) {
                  return tabulate({3, 5}, [&](const Index& i) { return sorted(v, i[1], i[0]); });
                }}}});
  rows.push_back({.name = "top_k_mask",
                  .cases = {{.arguments = {x},
                             .build = [](const Vars& v) { return v[0] * top_k_mask(v[0], 2, 0); },
                             .reference =
                                 [sorted](const Arrays& v) {
                                   return tabulate({3, 5}, [&](const Index& i) {
                                     const double value = at(v[0], i);
                                     return value >= sorted(v, i[1], 1) ? value : 0.0;
                                   });
                                 }}}});
}

}  // namespace

void add_function_rows(Rows& rows) {
  add_scalar_rows(rows);
  add_divergence_rows(rows);
  add_cosine_row(rows);
  add_distance_row(rows);
  add_matrix_rows(rows);
  add_moving_rows(rows);
  add_vector_rows(rows);
  add_lookup_rows(rows);
  add_sorted_rows(rows);
}

}  // namespace hourglass::check
