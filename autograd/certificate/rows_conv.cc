#include "autograd/certificate/rows.h"
#include "autograd/ops/conv.h"

namespace hourglass::check {
namespace {

// The sum of which all three ops are one reading: over images b, output channels o, input channels
// i of o's group, places (u, v) and window (s, t), f(image element, weight element, output element)
// by their flat positions.
struct Geometry {
  Shape image, weight, output;
  ConvOptions options;
};

template <class F>
void for_products(const Geometry& c, F&& f) {
  const std::int64_t in_group = c.weight[1], out_group = c.output[1] / c.options.groups;
  const Shape inner{c.image[0], c.output[1], in_group, c.output[2], c.output[3]};
  const auto flat = [](const Shape& s, std::int64_t i, std::int64_t j, std::int64_t k,
                       std::int64_t l) {
    return static_cast<std::size_t>(((i * s[1] + j) * s[2] + k) * s[3] + l);
  };
  for (std::int64_t p = 0; p < inner.elements() * c.weight[2] * c.weight[3]; ++p) {
    std::int64_t rest = p;
    const auto next = [&](std::int64_t n) {
      const std::int64_t digit = rest % n;
      rest /= n;
      return digit;
    };
    const std::int64_t t = next(c.weight[3]), s = next(c.weight[2]), v = next(inner[4]);
    const std::int64_t u = next(inner[3]), i = next(inner[2]), o = next(inner[1]),
                       b = next(inner[0]);
    const std::int64_t y =
        u * c.options.stride[0] + s * c.options.dilation[0] - c.options.padding[0];
    const std::int64_t x =
        v * c.options.stride[1] + t * c.options.dilation[1] - c.options.padding[2];
    if (y < 0 || y >= c.image[2] || x < 0 || x >= c.image[3]) continue;
    f(flat(c.image, b, o / out_group * in_group + i, y, x), flat(c.weight, o, i, s, t),
      flat(c.output, b, o, u, v));
  }
}

Array zeros(const Shape& shape) {
  return tabulate(shape, [](const Index&) { return 0.0; });
}

std::array<std::int64_t, 2> plane(const Shape& s) { return {s[2], s[3]}; }

Case conv_case(const Geometry& c) {
  return {.arguments = {{.shape = c.image}, {.shape = c.weight}},
          .build = [c](const Vars& v) { return conv2d(v[0], v[1], c.options); },
          .reference =
              [c](const Arrays& a) {
                Array y = zeros(c.output);
                for_products(c, [&](std::size_t x, std::size_t w, std::size_t g) {
                  y.values[g] += a[0].values[x] * a[1].values[w];
                });
                return y;
              }};
}

Case input_gradient_case(const Geometry& c) {
  return {.arguments = {{.shape = c.output}, {.shape = c.weight}},
          .build =
              [c](const Vars& v) {
                return conv2d_input_gradient(v[0], v[1], plane(c.image), c.options);
              },
          .reference =
              [c](const Arrays& a) {
                Array y = zeros(c.image);
                for_products(c, [&](std::size_t x, std::size_t w, std::size_t g) {
                  y.values[x] += a[0].values[g] * a[1].values[w];
                });
                return y;
              }};
}

Case weight_gradient_case(const Geometry& c) {
  return {.arguments = {{.shape = c.image}, {.shape = c.output}},
          .build =
              [c](const Vars& v) {
                return conv2d_weight_gradient(v[0], v[1], plane(c.weight), c.options);
              },
          .reference =
              [c](const Arrays& a) {
                Array y = zeros(c.weight);
                for_products(c, [&](std::size_t x, std::size_t w, std::size_t g) {
                  y.values[w] += a[0].values[x] * a[1].values[g];
                });
                return y;
              }};
}

const std::vector<Geometry>& geometries() {
  static const std::vector<Geometry> all = {
      {{2, 1, 4, 3}, {2, 1, 3, 2}, {2, 2, 2, 2}, {}},
      {{1, 2, 5, 4}, {3, 2, 3, 3}, {1, 3, 3, 2}, same_conv(2, 1)},
      {{1, 4, 3, 3}, {2, 2, 2, 2}, {1, 2, 2, 2}, {.groups = 2}},
      {{2, 1, 6, 5}, {1, 1, 2, 3}, {2, 1, 4, 3}, {.padding = {1, 0, 0, 2}, .dilation = {3, 2}}},
      {{1, 2, 6, 3},
       {2, 1, 2, 2},
       {1, 2, 2, 4},  // rows at the bottom that no window reaches
       {.stride = {3, 1}, .padding = {0, 0, 1, 1}, .groups = 2}}};
  return all;
}

// The index of the first largest of each window, by looking at every place of it.
Array pool_indices(const Array& x, const PoolOptions& o) {
  std::array<std::int64_t, 2> out;
  for (std::size_t k : {0u, 1u}) {
    const std::int64_t padded =
        x.shape[static_cast<int>(k) + 2] + o.padding[2 * k] + o.padding[2 * k + 1];
    out[k] = (padded - o.dilation[k] * (o.kernel[k] - 1) - 1) / o.stride[k] + 1;
  }
  return tabulate(Shape{x.shape[0], x.shape[1], out[0], out[1]}, [&](const Index& i) {
    std::int64_t best = -1;
    for (std::int64_t p = 0; p < o.kernel[0] * o.kernel[1]; ++p) {
      const std::int64_t y = i[2] * o.stride[0] + p / o.kernel[1] * o.dilation[0] - o.padding[0];
      const std::int64_t z = i[3] * o.stride[1] + p % o.kernel[1] * o.dilation[1] - o.padding[2];
      if (y < 0 || y >= x.shape[2] || z < 0 || z >= x.shape[3]) continue;
      const auto value = [&](std::int64_t at_flat) {
        return at(x, {i[0], i[1], at_flat / x.shape[3], at_flat % x.shape[3]});
      };
      const std::int64_t flat = y * x.shape[3] + z;
      if (best < 0 || value(flat) > value(best)) best = flat;
    }
    return static_cast<double>(best);
  });
}

Case pool_case(const Shape& image, const PoolOptions& options) {
  return {.arguments = {{.shape = image, .distinct = true}},
          .build = [options](const Vars& v) { return max_pool2d(v[0], options).indices; },
          .reference = [options](const Arrays& a) { return pool_indices(a[0], options); }};
}

Row conv_row(const char* name, Case (*make)(const Geometry&)) {
  Row row{.name = name, .cases = {}};
  for (const Geometry& geometry : geometries()) row.cases.push_back(make(geometry));
  return row;
}

}  // namespace

void add_conv_rows(Rows& rows) {
  rows.push_back(conv_row("conv2d", conv_case));
  rows.push_back(conv_row("conv2d_input_gradient", input_gradient_case));
  rows.push_back(conv_row("conv2d_weight_gradient", weight_gradient_case));
  rows.push_back({.name = "max_pool2d_indices",
                  .cases = {pool_case({2, 1, 4, 5}, {}),
                            pool_case({1, 2, 5, 4}, {{3, 2}, {2, 1}, {1, 1, 0, 1}, {1, 1}}),
                            pool_case({1, 1, 7, 6}, {{2, 3}, {1, 2}, {0, 0, 2, 0}, {3, 2}})}});
}

}  // namespace hourglass::check
