#include <algorithm>
#include <cmath>

#include "autograd/certificate/rows.h"
#include "autograd/ops/conv.h"

namespace hourglass::check {
namespace {

// The element at an index of a plane, 0 in the padding around it.
double padded(const Array& x, const Index& i) {
  for (int axis = 0; axis < x.shape.rank(); ++axis) {
    const std::int64_t at_axis = i[static_cast<std::size_t>(axis)];
    if (at_axis < 0 || at_axis >= x.shape[axis]) return 0;
  }
  return at(x, i);
}

void add_convolution_rows(Rows& rows) {
  const ConvOptions spread{.stride = {2, 1}, .padding = {1, 0, 0, 1}};
  rows.push_back({.name = "conv_transpose2d",
                  .cases = {{.arguments = {{.shape = {1, 2, 2, 3}}, {.shape = {2, 1, 3, 2}}},
                             .build =
                                 [=](const Vars& v) {
                                   return conv_transpose2d(v[0], v[1], spread, {1, 0});
                                 },
                             .reference =
                                 [](const Arrays& a) {
                                   return tabulate({1, 1, 5, 3}, [&](const Index& i) {
                                     double total = 0;
                                     for (std::int64_t p = 0; p < a[1].shape.elements(); ++p) {
                                       const std::int64_t c = p / 6, s = p / 2 % 3, t = p % 2;
                                       if ((i[2] + 1 - s) % 2 != 0) continue;  // between strides
                                       const Index from = {0, c, (i[2] + 1 - s) / 2, i[3] - t};
                                       total += padded(a[0], from) * at(a[1], {c, 0, s, t});
                                     }
                                     return total;
                                   });
                                 }}}});
  rows.push_back(
      {.name = "conv1d",
       .cases = {
           {.arguments = {{.shape = {2, 2, 6}}, {.shape = {3, 2, 3}}},
            .build =
                [](const Vars& v) {
                  return conv1d(v[0], v[1], {.stride = 2, .padding = {1, 0}});
                },
            .reference =
                [](const Arrays& a) {
                  return tabulate({2, 3, 3}, [&](const Index& i) {
                    double total = 0;
                    for (std::int64_t c : {0, 1}) {
                      for (std::int64_t t : {0, 1, 2}) {
                        total += padded(a[0], {i[0], c, 2 * i[2] + t - 1}) * at(a[1], {i[1], c, t});
                      }
                    }
                    return total;
                  });
                }}}});
  rows.push_back({.name = "channel_bias",
                  .cases = {{.arguments = {{.shape = {2, 3, 2, 2}}, {.shape = {3}}},
                             .build = [](const Vars& v) { return channel_bias(v[0], v[1]); },
                             .reference =
                                 [](const Arrays& a) {
                                   return tabulate({2, 3, 2, 2}, [&](const Index& i) {
                                     return at(a[0], i) + at(a[1], {i[1]});
                                   });
                                 }}},
                  .jointly_linear = true});
}

void add_pooling_rows(Rows& rows) {
  rows.push_back({.name = "max_pool2d",
                  .cases = {{.arguments = {{.shape = {1, 2, 4, 4}, .distinct = true}},
                             .build = [](const Vars& v) { return max_pool2d(v[0]).values; },
                             .reference =
                                 [](const Arrays& a) {
                                   return tabulate({1, 2, 2, 2}, [&](const Index& i) {
                                     const auto x = [&](std::int64_t s, std::int64_t t) {
                                       return at(a[0], {0, i[1], 2 * i[2] + s, 2 * i[3] + t});
                                     };
                                     return std::max({x(0, 0), x(0, 1), x(1, 0), x(1, 1)});
                                   });
                                 }}}});
  rows.push_back(
      {.name = "max_unpool2d",
       .cases = {{.arguments = {{.shape = {1, 1, 2, 2}},
                                {.shape = {1, 1, 2, 2}, .indices = true, .values = {1, 6, 8, 6}}},
                  .build =
                      [](const Vars& v) {
                        return max_unpool2d(v[0], v[1], {3, 4});
                      },
                  .reference =
                      [](const Arrays& a) {
                        Array y = tabulate({1, 1, 3, 4}, [](const Index&) { return 0.0; });
                        for (std::size_t k = 0; k < 4; ++k) {
                          y.values[static_cast<std::size_t>(a[1].values[k])] += a[0].values[k];
                        }
                        return y;
                      }}},
       .jointly_linear = true});
  const PoolOptions uneven{{2, 3}, {2, 2}, {1, 0, 0, 1}, {1, 1}};
  rows.push_back(
      {.name = "avg_pool2d",
       .cases =
           {{.arguments = {{.shape = {1, 2, 5, 6}}},
             .build = [=](const Vars& v) { return avg_pool2d(v[0], uneven); },
             .reference =
                 [](const Arrays& a) {
                   return tabulate({1, 2, 3, 3}, [&](const Index& i) {
                     double total = 0;
                     for (std::int64_t p = 0; p < 6; ++p) {
                       total += padded(a[0], {0, i[1], 2 * i[2] - 1 + p / 3, 2 * i[3] + p % 3});
                     }
                     return total / 6;
                   });
                 }}},
       .jointly_linear = true});
}

void add_upsampling_rows(Rows& rows) {
  rows.push_back({.name = "upsample_nearest2d",
                  .cases = {{.arguments = {{.shape = {1, 2, 2, 3}}},
                             .build = [](const Vars& v) { return upsample_nearest2d(v[0], 2); },
                             .reference =
                                 [](const Arrays& a) {
                                   return tabulate({1, 2, 4, 6}, [&](const Index& i) {
                                     return at(a[0], {0, i[1], i[2] / 2, i[3] / 2});
                                   });
                                 }}},
                  .jointly_linear = true});
  // Twice as high: pixel i of 6 lies at (i + 1/2) / 2 - 1/2 of 3, edges held.
  rows.push_back({.name = "upsample_bilinear2d",
                  .cases = {{.arguments = {{.shape = {1, 1, 3, 2}}},
                             .build =
                                 [](const Vars& v) {
                                   return upsample_bilinear2d(v[0], {6, 2});
                                 },
                             .reference =
                                 [](const Arrays& a) {
                                   return tabulate({1, 1, 6, 2}, [&](const Index& i) {
                                     const double y = std::clamp(
                                         (static_cast<double>(i[2]) + 0.5) / 2 - 0.5, 0.0, 2.0);
                                     const auto low = static_cast<std::int64_t>(y);
                                     const double share = y - static_cast<double>(low);
                                     const auto row = [&](std::int64_t k) {
                                       return at(a[0], {0, 0, std::min<std::int64_t>(k, 2), i[3]});
                                     };
                                     return (1 - share) * row(low) + share * row(low + 1);
                                   });
                                 }}},
                  .jointly_linear = true});
}

}  // namespace

void add_image_rows(Rows& rows) {
  add_convolution_rows(rows);
  add_pooling_rows(rows);
  add_upsampling_rows(rows);
}

}  // namespace hourglass::check
