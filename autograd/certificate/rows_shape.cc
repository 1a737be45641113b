#include "autograd/certificate/rows.h"
#include "autograd/ops/ops.h"

namespace hourglass::check {
namespace {

// A case of one input of the given shape, as a function of the input's elements by index.
Case map_case(const Shape& x, const Shape& y, std::function<Var(const Var&)> build,
              std::function<double(const Array& x, const Index& i)> element) {
  return {.arguments = {{.shape = x}},
          .build = [build](const Vars& v) { return build(v[0]); },
          .reference =
              [y, element](const Arrays& arrays) {
                return tabulate(y, [&](const Index& i) { return element(arrays[0], i); });
              }};
}

void add_relabelling_rows(Rows& rows) {
  const auto flat = [](const Shape& to) {
    return Case{.arguments = {{.shape = {2, 3, 4}}},
                .build = [to](const Vars& x) { return reshape(x[0], to); },
                .reference =
                    [to](const Arrays& x) {
                      return Array{to, x[0].values};
                    }};
  };
  rows.push_back({.name = "reshape", .cases = {flat({6, 4}), flat({3, 8}), flat({2, 1, 12})}});
  rows.push_back({.name = "transpose",
                  .cases = {map_case(
                                {3, 5}, {5, 3}, [](const Var& x) { return transpose(x); },
                                [](const Array& x, const Index& i) {
                                  return at(x, {i[1], i[0]});
                                }),
                            map_case(
                                {2, 3, 4}, {4, 2, 3},
                                [](const Var& x) {
                                  return transpose(x, {2, 0, 1});
                                },
                                [](const Array& x, const Index& i) {
                                  return at(x, {i[1], i[2], i[0]});
                                })}});
  rows.push_back(
      {.name = "flip",
       .cases = {map_case(
                     {2, 3, 4}, {2, 3, 4},
                     [](const Var& x) {
                       return flip(x, {0, 2});
                     },
                     [](const Array& x, const Index& i) {
                       return at(x, {1 - i[0], i[1], 3 - i[2]});
                     }),
                 map_case(
                     {5}, {5}, [](const Var& x) { return flip(x); },
                     [](const Array& x, const Index& i) { return at(x, {4 - i[0]}); })}});
}

void add_broadcast_rows(Rows& rows) {
  rows.push_back({.name = "broadcast_to",
                  .cases = {map_case(
                                {3, 1}, {2, 3, 4},
                                [](const Var& x) {
                                  return broadcast_to(x, {2, 3, 4});
                                },
                                [](const Array& x, const Index& i) {
                                  return at(x, {i[1], 0});
                                }),
                            map_case(
                                {1, 4}, {3, 4},
                                [](const Var& x) {
                                  return broadcast_to(x, {3, 4});
                                },
                                [](const Array& x, const Index& i) {
                                  return at(x, {0, i[1]});
                                }),
                            map_case(
                                {}, {2, 2},
                                [](const Var& x) {
                                  return broadcast_to(x, {2, 2});
                                },
                                [](const Array& x, const Index&) { return x.values[0]; })}});
  rows.push_back({.name = "sum_to",
                  .cases = {map_case(
                                {2, 3, 4}, {3, 1},
                                [](const Var& x) {
                                  return sum_to(x, {3, 1});
                                },
                                [](const Array& x, const Index& i) {
                                  double total = 0;
                                  for (int a = 0; a < 2; ++a) {
                                    for (int c = 0; c < 4; ++c) total += at(x, {a, i[0], c});
                                  }
                                  return total;
                                }),
                            map_case(
                                {2, 4}, {4}, [](const Var& x) { return sum_to(x, {4}); },
                                [](const Array& x, const Index& i) {
                                  return at(x, {0, i[0]}) + at(x, {1, i[0]});
                                }),
                            map_case(
                                {2, 5}, {}, [](const Var& x) { return sum_to(x, {}); },
                                [](const Array& x, const Index&) {
                                  double total = 0;
                                  for (double v : x.values) total += v;
                                  return total;
                                })}});
}

void add_slice_rows(Rows& rows) {
  rows.push_back(
      {.name = "slice",
       .cases = {map_case(
                     {3, 7}, {2, 3},
                     [](const Var& x) {
                       return slice(x, {{1, 3}, {0, -1, 2}});
                     },
                     [](const Array& x, const Index& i) {
                       return at(x, {i[0] + 1, 2 * i[1]});
                     }),
                 map_case(
                     {8}, {3},
                     [](const Var& x) {
                       return slice(x, 0, {1, kEnd, 3});
                     },
                     [](const Array& x, const Index& i) { return at(x, {1 + 3 * i[0]}); }),
                 map_case(
                     {4, 2}, {0, 2},
                     [](const Var& x) {
                       return slice(x, 0, {2, 2});
                     },
                     [](const Array&, const Index&) { return 0.0; })}});
  rows.push_back({.name = "pad",
                  .cases = {map_case(
                                {2, 3}, {4, 5},
                                [](const Var& x) {
                                  return pad(x, {{1, 1}, {0, 0, 1}});
                                },
                                [](const Array& x, const Index& i) {
                                  const bool inside = i[0] >= 1 && i[0] < 3 && i[1] % 2 == 0;
                                  return inside ? at(x, {i[0] - 1, i[1] / 2}) : 0.0;
                                }),
                            map_case(
                                {0}, {3},
                                [](const Var& x) {
                                  return pad(x, {{1, 2}});
                                },
                                [](const Array&, const Index&) { return 0.0; })}});
}

void add_concat_rows(Rows& rows) {
  rows.push_back(
      {.name = "concat",
       .cases = {{.arguments = {{.shape = {2, 1, 2}}, {.shape = {2, 3, 2}}, {.shape = {2, 0, 2}}},
                  .build = [](const Vars& x) { return concat(x, 1); },
                  .reference =
                      [](const Arrays& x) {
                        return tabulate({2, 4, 2}, [&](const Index& i) {
                          return i[1] < 1 ? at(x[0], i) : at(x[1], {i[0], i[1] - 1, i[2]});
                        });
                      }},
                 {.arguments = {{.shape = {3}}},
                  .build =
                      [](const Vars& x) {
                        return concat({x[0], x[0]}, 0);
                      },
                  .reference =
                      [](const Arrays& x) {
                        return tabulate({6}, [&](const Index& i) { return at(x[0], {i[0] % 3}); });
                      }}},
       .jointly_linear = true});
}

}  // namespace

void add_shape_rows(Rows& rows) {
  add_relabelling_rows(rows);
  add_broadcast_rows(rows);
  add_slice_rows(rows);
  add_concat_rows(rows);
  rows.push_back(
      {.name = "eye",
       .cases = {
           {.build = [](const Vars&) { return eye(3, DType::kF64); },
            .reference =
                [](const Arrays&) {
                  return tabulate({3, 3}, [](const Index& i) { return i[0] == i[1] ? 1.0 : 0.0; });
                }}}});
}

}  // namespace hourglass::check
