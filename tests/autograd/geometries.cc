// Convolutions, pooling and up-sampling over 1,000 random geometries each: values against plain
// loops, and <A x, u> = <x, A' u> for what is linear.

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <random>

#include "autograd/check/gradcheck.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"
#include "tensor/parallel.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using Vars = std::vector<Var>;
using Numbers = std::vector<double>;

constexpr int kGeometries = 1000;

struct Dice {
  std::mt19937_64 engine{2026};
  std::int64_t operator()(std::int64_t low, std::int64_t high) {  // both included
    return low + static_cast<std::int64_t>(engine() % static_cast<std::uint64_t>(high - low + 1));
  }
};

// Kernels 1..5, strides 1..3, dilations 1..3, groups 1..3, paddings 0..3 on each side, odd sizes.
struct Geometry {
  Shape image, weight, output;
  ConvOptions options;
};

Geometry roll(Dice& dice) {
  Geometry g;
  ConvOptions& o = g.options;
  o.groups = dice(1, 3);
  std::array<std::int64_t, 2> kernel, image, output;
  for (std::size_t k : {0u, 1u}) {
    kernel[k] = dice(1, 5);
    o.stride[k] = dice(1, 3);
    o.dilation[k] = dice(1, 3);
    o.padding[2 * k] = dice(0, 3);
    o.padding[2 * k + 1] = dice(0, 3);
    const std::int64_t reach = o.dilation[k] * (kernel[k] - 1) + 1;
    const std::int64_t padding = o.padding[2 * k] + o.padding[2 * k + 1];
    image[k] = std::max<std::int64_t>(1, reach - padding) + dice(0, 6);
    output[k] = (image[k] + padding - reach) / o.stride[k] + 1;
  }
  const std::int64_t batch = dice(1, 3), in = dice(1, 2), out = dice(1, 2) * o.groups;
  g.image = {batch, in * o.groups, image[0], image[1]};
  g.weight = {out, in, kernel[0], kernel[1]};
  g.output = {batch, out, output[0], output[1]};
  return g;
}

std::array<std::int64_t, 2> plane(const Shape& s) { return {s[2], s[3]}; }

std::size_t flat(const Shape& s, std::int64_t i, std::int64_t j, std::int64_t y, std::int64_t x) {
  return static_cast<std::size_t>(((i * s[1] + j) * s[2] + y) * s[3] + x);
}

// f(image element, weight element, output element) for every product of the convolution.
template <class F>
void for_products(const Geometry& g, F&& f) {
  const ConvOptions& o = g.options;
  const std::int64_t out_group = g.output[1] / o.groups, taps = g.weight[2] * g.weight[3];
  for (std::int64_t p = 0; p < g.output.elements(); ++p) {
    const std::int64_t v = p % g.output[3], u = p / g.output[3] % g.output[2];
    const std::int64_t channel = p / (g.output[3] * g.output[2]) % g.output[1];
    const std::int64_t b = p / (g.output[3] * g.output[2] * g.output[1]);
    for (std::int64_t q = 0; q < g.weight[1] * taps; ++q) {
      const std::int64_t i = q / taps, s = q % taps / g.weight[3], t = q % g.weight[3];
      const std::int64_t y = u * o.stride[0] + s * o.dilation[0] - o.padding[0];
      const std::int64_t x = v * o.stride[1] + t * o.dilation[1] - o.padding[2];
      if (y < 0 || y >= g.image[2] || x < 0 || x >= g.image[3]) continue;
      f(flat(g.image, b, channel / out_group * g.weight[1] + i, y, x),
        flat(g.weight, channel, i, s, t), static_cast<std::size_t>(p));
    }
  }
}

double worst(const Tensor& got, const Numbers& expected) {
  REQUIRE(got.elements() == static_cast<std::int64_t>(expected.size()));
  return testing::distance(got, Tensor::from(expected, got.shape()));
}

Numbers zeros(const Shape& shape) {
  return Numbers(static_cast<std::size_t>(shape.elements()), 0.0);
}

// Of an op that is linear in its one input.
bool is_adjoint(const Function& f, const Shape& shape) {
  return adjoint_check(f, {shape}, 1).passed;
}

TEST_CASE("the three convolutions are plain loops, and linear in both, over random geometries") {
  const ThreadScope one(1);
  Dice dice;
  for (int trial = 0; trial < kGeometries; ++trial) {
    const Geometry c = roll(dice);
    const Tensor image = testing::random_tensor(c.image, 1),
                 weight = testing::random_tensor(c.weight, 2),
                 output = testing::random_tensor(c.output, 3);
    const Numbers xs = image.values(), ws = weight.values(), gs = output.values();
    Numbers y = zeros(c.output), dx = zeros(c.image), dw = zeros(c.weight);
    for_products(c, [&](std::size_t i, std::size_t w, std::size_t g) {
      y[g] += xs[i] * ws[w];
      dx[i] += gs[g] * ws[w];
      dw[w] += gs[g] * xs[i];
    });
    const Var x = constant(image), w = constant(weight), g = constant(output);
    const auto conv = [&](const Var& a, const Var& b) { return conv2d(a, b, c.options); };
    const auto back = [&](const Var& a, const Var& b) {
      return conv2d_input_gradient(a, b, plane(c.image), c.options);
    };
    const auto weigh = [&](const Var& a, const Var& b) {
      return conv2d_weight_gradient(a, b, plane(c.weight), c.options);
    };
    const std::vector<Tensor> got = evaluate({conv(x, w), back(g, w), weigh(x, g)});
    CAPTURE(trial);
    CHECK(worst(got[0], y) < 1e-13);
    CHECK(worst(got[1], dx) < 1e-13);
    CHECK(worst(got[2], dw) < 1e-13);
    CHECK(is_adjoint([&](const Vars& v) { return conv(v[0], w); }, c.image));
    CHECK(is_adjoint([&](const Vars& v) { return conv(x, v[0]); }, c.weight));
    CHECK(is_adjoint([&](const Vars& v) { return back(v[0], w); }, c.output));
    CHECK(is_adjoint([&](const Vars& v) { return back(g, v[0]); }, c.weight));
    CHECK(is_adjoint([&](const Vars& v) { return weigh(v[0], g); }, c.image));
    CHECK(is_adjoint([&](const Vars& v) { return weigh(x, v[0]); }, c.output));
  }
}

TEST_CASE("a transposed convolution scatters, with output_padding, over random geometries") {
  const ThreadScope one(1);
  Dice dice;
  int padded = 0;
  for (int trial = 0; trial < kGeometries; ++trial) {
    Geometry c = roll(dice);
    const ConvOptions& o = c.options;
    std::array<std::int64_t, 2> extra, image;
    for (std::size_t k : {0u, 1u}) {
      const int axis = static_cast<int>(k) + 2;
      extra[k] = dice(0, std::max(o.stride[k], o.dilation[k]) - 1);
      image[k] = (c.output[axis] - 1) * o.stride[k] - o.padding[2 * k] - o.padding[2 * k + 1] +
                 o.dilation[k] * (c.weight[axis] - 1) + extra[k] + 1;
    }
    if (image[0] < 1 || image[1] < 1) continue;  // an image of nothing: an error of its own
    padded += extra[0] + extra[1] > 0;
    c.image = {c.image[0], c.image[1], image[0], image[1]};
    const Tensor input = testing::random_tensor(c.output, 1),
                 weight = testing::random_tensor(c.weight, 2);
    const Numbers gs = input.values(), ws = weight.values();
    Numbers y = zeros(c.image);
    for_products(c, [&](std::size_t i, std::size_t w, std::size_t g) { y[i] += gs[g] * ws[w]; });
    const auto f = [&](const Var& a, const Var& b) { return conv_transpose2d(a, b, o, extra); };
    const Var x = constant(input), w = constant(weight);
    const Tensor got = f(x, w).value();
    CAPTURE(trial);
    REQUIRE(got.shape() == c.image);
    CHECK(worst(got, y) < 1e-13);
    CHECK(is_adjoint([&](const Vars& v) { return f(v[0], w); }, c.output));
    CHECK(is_adjoint([&](const Vars& v) { return f(x, v[0]); }, c.weight));
  }
  CHECK(padded > 300);
}

// --- pooling

struct PoolGeometry {
  Shape image, output;
  PoolOptions options;
};

PoolGeometry roll_pool(Dice& dice) {
  PoolGeometry g;
  PoolOptions& o = g.options;
  std::array<std::int64_t, 2> image, output;
  for (std::size_t k : {0u, 1u}) {
    o.kernel[k] = dice(1, 5);
    o.stride[k] = dice(1, 3);
    o.dilation[k] = dice(1, 3);
    const std::int64_t reach = o.dilation[k] * (o.kernel[k] - 1) + 1;
    for (std::size_t side : {0u, 1u}) {
      o.padding[2 * k + side] = dice(0, std::min<std::int64_t>(3, reach - 1));
    }
    const std::int64_t padding = o.padding[2 * k] + o.padding[2 * k + 1];
    image[k] = std::max<std::int64_t>(1, reach - padding) + dice(0, 7);
    output[k] = (image[k] + padding - reach) / o.stride[k] + 1;
  }
  const std::int64_t batch = dice(1, 2), channels = dice(1, 3);
  g.image = {batch, channels, image[0], image[1]};
  g.output = {batch, channels, output[0], output[1]};
  return g;
}

// f(output element, flat place in the plane, element of the image) for what each window holds.
template <class F>
void for_windows(const PoolGeometry& g, F&& f) {
  const PoolOptions& o = g.options;
  for (std::int64_t p = 0; p < g.output.elements(); ++p) {
    const std::int64_t v = p % g.output[3], u = p / g.output[3] % g.output[2];
    const std::int64_t of_plane = p / (g.output[3] * g.output[2]);
    for (std::int64_t tap = 0; tap < o.kernel[0] * o.kernel[1]; ++tap) {
      const std::int64_t y = u * o.stride[0] + tap / o.kernel[1] * o.dilation[0] - o.padding[0];
      const std::int64_t x = v * o.stride[1] + tap % o.kernel[1] * o.dilation[1] - o.padding[2];
      if (y < 0 || y >= g.image[2] || x < 0 || x >= g.image[3]) continue;
      const std::int64_t place = y * g.image[3] + x;
      f(static_cast<std::size_t>(p), place,
        static_cast<std::size_t>(of_plane * g.image[2] * g.image[3] + place));
    }
  }
}

TEST_CASE("max-pooling takes the largest, and its derivative goes there, over random geometries") {
  const ThreadScope one(1);
  Dice dice;
  int between = 0;
  for (int trial = 0; trial < kGeometries; ++trial) {
    const PoolGeometry c = roll_pool(dice);
    const Tensor image = testing::random_tensor(c.image, 4);
    const Numbers xs = image.values();
    Numbers largest = zeros(c.output), place = zeros(c.output);
    std::vector<int> held(largest.size(), 0);
    for_windows(c, [&](std::size_t p, std::int64_t at, std::size_t x) {
      if (held[p]++ && xs[x] <= largest[p]) return;
      largest[p] = xs[x];
      place[p] = static_cast<double>(at);
    });
    const Var x = constant(image);
    CAPTURE(trial);
    if (std::count(held.begin(), held.end(), 0)) {  // dilated windows that hold padding only
      CHECK_THROWS_AS(max_pool2d(x, c.options), Error);
      ++between;
      continue;
    }
    const MaxPool pooled = max_pool2d(x, c.options);
    const Var g = constant(testing::random_tensor(c.output, 5));
    const Var unpooled = max_unpool2d(g, pooled.indices, plane(c.image));
    const Var pulled = vjp(pooled.values, {x}, g)[0];
    const std::vector<Tensor> got = evaluate({pooled.values, pooled.indices, unpooled, pulled});
    CHECK(got[0].values() == largest);
    CHECK(got[1].values() == place);
    CHECK(got[2].values() == got[3].values());  // windows that overlap add up
    const Var indices = constant(got[1].cast(DType::kI32));
    CHECK(is_adjoint([&](const Vars& v) { return max_unpool2d(v[0], indices, plane(c.image)); },
                     c.output));
  }
  CHECK(between < kGeometries / 4);
}

TEST_CASE("averages divide sums over windows, over random geometries") {
  const ThreadScope one(1);
  Dice dice;
  for (int trial = 0; trial < kGeometries; ++trial) {
    const PoolGeometry c = roll_pool(dice);
    const Tensor image = testing::random_tensor(c.image, 6);
    const Numbers xs = image.values();
    const double window = static_cast<double>(c.options.kernel[0] * c.options.kernel[1]);
    Numbers y = zeros(c.output);
    for_windows(c, [&](std::size_t p, std::int64_t, std::size_t x) { y[p] += xs[x] / window; });
    CAPTURE(trial);
    const Tensor got = avg_pool2d(constant(image), c.options).value();
    REQUIRE(got.shape() == c.output);
    CHECK(worst(got, y) < 1e-14);
    CHECK(is_adjoint([&](const Vars& v) { return avg_pool2d(v[0], c.options); }, c.image));
  }
}

// The two pixels that pixel i of m lies between, of n, and the share of the second.
struct Between {
  std::int64_t low, high;
  double share;
};
Between between(std::int64_t i, std::int64_t n, std::int64_t m) {
  const double centre =
      (static_cast<double>(i) + 0.5) * static_cast<double>(n) / static_cast<double>(m) - 0.5;
  const double at = std::min(std::max(centre, 0.0), static_cast<double>(n - 1));
  const auto low = static_cast<std::int64_t>(std::floor(at));
  return {low, std::min(low + 1, n - 1), at - static_cast<double>(low)};
}

TEST_CASE("up-sampling repeats or interpolates, over random geometries") {
  const ThreadScope one(1);
  Dice dice;
  for (int trial = 0; trial < kGeometries; ++trial) {
    const Shape image{dice(1, 2), dice(1, 3), dice(1, 7), dice(1, 7)};
    const std::int64_t times = dice(1, 4);
    const std::array<std::int64_t, 2> size = {dice(1, 15), dice(1, 15)};
    const Tensor from = testing::random_tensor(image, 7);
    const Numbers xs = from.values();
    const Shape larger{image[0], image[1], image[2] * times, image[3] * times};
    const Shape smooth{image[0], image[1], size[0], size[1]};
    Numbers repeated, blended;
    for (std::int64_t plane = 0; plane < image[0] * image[1]; ++plane) {
      const auto x = [&](std::int64_t i, std::int64_t j) {
        return xs[static_cast<std::size_t>((plane * image[2] + i) * image[3] + j)];
      };
      for (std::int64_t p = 0; p < larger[2] * larger[3]; ++p) {
        repeated.push_back(x(p / larger[3] / times, p % larger[3] / times));
      }
      for (std::int64_t p = 0; p < size[0] * size[1]; ++p) {
        const Between v = between(p / size[1], image[2], size[0]);
        const Between h = between(p % size[1], image[3], size[1]);
        const auto row = [&](std::int64_t i) {
          return (1 - h.share) * x(i, h.low) + h.share * x(i, h.high);
        };
        blended.push_back((1 - v.share) * row(v.low) + v.share * row(v.high));
      }
    }
    const Var x = constant(from);
    const std::vector<Tensor> got =
        evaluate({upsample_nearest2d(x, times), upsample_bilinear2d(x, size)});
    CAPTURE(trial);
    REQUIRE(got[0].shape() == larger);
    REQUIRE(got[1].shape() == smooth);
    CHECK(got[0].values() == repeated);
    CHECK(worst(got[1], blended) < 1e-14);
    CHECK(is_adjoint([&](const Vars& v) { return upsample_nearest2d(v[0], times); }, image));
    CHECK(is_adjoint([&](const Vars& v) { return upsample_bilinear2d(v[0], size); }, image));
  }
}

}  // namespace
}  // namespace hourglass
