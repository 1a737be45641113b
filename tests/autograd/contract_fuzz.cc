#include <doctest/doctest.h>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <random>
#include <string_view>

#include "autograd/graph/cost.h"
#include "autograd/ops/conv.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/simplify.h"
#include "autograd/transform/transform.h"
#include "tests/autograd/support.h"

// Random graphs of sums and products, with the identities, squares and taps that the contraction
// normal form opens: their values and gradients with and without it.

namespace hourglass {
namespace {

using testing::kF64;
using Sizes = std::vector<std::int64_t>;

constexpr std::int64_t kMostElements = 3000;

class SumProductGraph {
 public:
  explicit SumProductGraph(std::uint64_t seed) : random_(seed) {
    for (int i = 0; i < 3; ++i) add(leaf(shape()));
    for (const Shape& s : {Shape{3, 2}, Shape{2, 4}, Shape{3, 1, 2}, Shape{2, 2, 3, 4}}) {
      add(leaf(s));
    }
    for (std::size_t i = 5 + below(25); i > 0; --i) add(step());
  }

  // A few of the last values, some of them squared and summed.
  std::vector<Var> outputs() {
    std::vector<Var> result;
    for (std::size_t i = 1 + below(3); i > 0; --i) {
      const Var& x = values_[values_.size() - i];
      const std::size_t kind = below(4);
      result.push_back(kind < 2 ? sum(square(x)) : kind == 2 ? sum(x) : x);
    }
    return result;
  }
  const Var& any_value() { return values_[below(values_.size())]; }
  const std::vector<Var>& leaves() const { return leaves_; }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }

  void add(const Var& x) {
    if (x.elements() <= kMostElements && x.rank() <= 6) values_.push_back(x);
  }

  Var leaf(const Shape& shape) {
    leaves_.push_back(testing::random_parameter(shape, random_()));
    return leaves_.back();
  }

  std::int64_t size() {
    constexpr std::int64_t kSizes[] = {1, 2, 2, 3, 3, 4, 6};
    return kSizes[below(std::size(kSizes))];
  }
  Shape shape() {
    Sizes sizes(below(4));
    for (std::int64_t& n : sizes) n = size();
    return Shape(std::move(sizes));
  }

  // Mostly one of the last values, so that graphs become deep.
  const Var& any() {
    return below(3) ? values_[values_.size() - 1 - below(std::min<std::size_t>(6, values_.size()))]
                    : any_value();
  }

  // Something that broadcasts with x and does not grow it.
  Var fitting(const Var& x) {
    for (int attempt = 0; attempt < 8; ++attempt) {
      const Var& y = any();
      bool fits = y.rank() <= x.rank();
      for (int i = 1; fits && i <= y.rank(); ++i) {
        fits = y.size(-i) == x.size(-i) || y.size(-i) == 1 || x.size(-i) == 1;
      }
      if (fits) return y;
    }
    Sizes sizes = x.shape().sizes();
    sizes.erase(sizes.begin(),
                sizes.begin() + static_cast<std::ptrdiff_t>(below(sizes.size() + 1)));
    for (std::int64_t& n : sizes) n = below(3) ? n : 1;
    return leaf(Shape(std::move(sizes)));
  }

  Var product(const Var& x) {
    if (x.rank() < 2) return -x;
    for (int attempt = 0; attempt < 24; ++attempt) {
      const Var& y = any();
      const bool flip_x = below(2), flip_y = below(2);
      if (y.rank() < 2 || x.size(flip_x ? -2 : -1) != y.size(flip_y ? -1 : -2)) continue;
      const auto leading = [](const Var& v) {
        return Sizes(v.shape().sizes().begin(), v.shape().sizes().end() - 2);
      };
      if (x.rank() > 2 && y.rank() > 2 && leading(x) != leading(y)) continue;
      return matmul(x, y, flip_x, flip_y);
    }
    return matmul(x, leaf(Shape{size(), x.size(-1)}), false, true);
  }

  Var reduced(const Var& x) {
    std::vector<int> axes;
    for (int i = 0; i < x.rank(); ++i) {
      if (below(2)) axes.push_back(i);
    }
    return x.rank() == 0 ? x * 0.5 : sum(x, axes, below(2));
  }

  Var turned(const Var& x) {
    std::vector<int> order(static_cast<std::size_t>(x.rank()));
    std::iota(order.begin(), order.end(), 0);
    for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[below(i)]);
    return x.rank() < 2 ? x * -1.0 : transpose(x, order);
  }

  Var reshaped(const Var& x) {
    Sizes sizes;
    std::int64_t rest = x.elements();
    while (rest > 1 && sizes.size() < 4) {
      std::int64_t n = 2 + static_cast<std::int64_t>(below(4));
      while (rest % n != 0) n = n < rest ? n + 1 : rest;
      sizes.push_back(n);
      rest /= n;
      if (!below(4)) sizes.push_back(1);
    }
    if (rest > 1) sizes.push_back(rest);
    return reshape(x, Shape(std::move(sizes)));
  }

  Var bent(const Var& x) {
    switch (below(6)) {
      case 0:
        return abs(x);
      case 1:
        return tanh(x);
      case 2:
        return x * square(x);
      case 3:
        return sigmoid(x);
      case 4:
        return pow(abs(x), 1.5);
      default:
        return x / (2 + square(fitting(x)));
    }
  }

  // Seeds, times a weight or a convolution.
  Var seeded(const Var& x) {
    if (x.rank() == 4 && x.elements() < 60) {
      const ConvOptions options{.stride = {static_cast<std::int64_t>(1 + below(2)), 1},
                                .padding = {1, static_cast<std::int64_t>(below(2)), 0, 1}};
      const std::int64_t n = x.size(1) * x.size(2) * x.size(3);
      const Var images = reshape(eye(n, kF64), Shape{n, x.size(1), x.size(2), x.size(3)});
      return conv2d(images, leaf(Shape{2, x.size(1), 2, 2}), options);
    }
    if (x.rank() >= 2 && x.size(-1) <= 6) return matmul(eye(x.size(-1), kF64), x, false, true);
    const std::int64_t n = 2 + static_cast<std::int64_t>(below(3));
    return broadcast_to(reshape(eye(n, kF64), Shape{n, 1, n}), Shape{n, 3, n});
  }

  Var step() {
    const Var x = any();
    switch (below(18)) {
      case 0:
        return x + fitting(x);
      case 1:
        return x - fitting(x);
      case 2:
      case 3:
      case 4:
        return x * fitting(x);
      case 5:
      case 6:
      case 7:
        return product(x);
      case 8:
      case 9:
        return reduced(x);
      case 10:
        return turned(x);
      case 11:
        return reshaped(x);
      case 12:
        return x.elements() > 200 ? x * 2.0 : broadcast_to(x, x.shape().with_axis(0, size()));
      case 13:
        return square(x);
      case 14:
        return bent(x);
      case 15:
      case 16:
        return seeded(x);
      default:
        return below(2) ? x * (static_cast<double>(below(5)) - 2) : x + 1.0;
    }
  }

  std::mt19937_64 random_;
  std::vector<Var> values_, leaves_;
};

bool in_range(const std::vector<Tensor>& tensors) {
  for (const Tensor& tensor : tensors) {
    for (const double x : tensor.values()) {
      if (!(std::abs(x) < 1e6)) return false;
    }
  }
  return true;
}

struct Counts {
  int compared = 0, rewritten = 0;
};

// Errors are relative to the largest element: sums are made in another order.
double worst_of_largest(const Tensor& a, const Tensor& b) {
  double largest = 1, worst = 0;
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    largest = std::max(largest, std::abs(a.at(i)));
    worst = std::max(worst, std::abs(a.at(i) - b.at(i)));
  }
  return std::isnan(worst) ? HUGE_VAL : worst / largest;
}

void compare(std::uint64_t seed, Counts& counts) {
  CAPTURE(seed);
  SumProductGraph graph(seed);
  std::vector<Var> written = graph.outputs();
  const Var loss = sum(square(written[0]));
  const std::vector<Var> plain = vjp(loss, graph.leaves(), constant(1, kF64));
  std::vector<Var> keep;
  if (seed % 4 == 0) keep.push_back(graph.any_value());
  std::vector<Var> cheap = simplify(written, keep);
  const bool cheaper = graph_cost(cheap).multiply_adds < graph_cost(written).multiply_adds;
  CHECK(graph_cost(cheap).multiply_adds <= graph_cost(written).multiply_adds);
  const std::vector<Var> gradients = grad(loss, graph.leaves());
  written.insert(written.end(), plain.begin(), plain.end());
  cheap.insert(cheap.end(), gradients.begin(), gradients.end());
  const std::vector<Tensor> expected = evaluate(written);
  if (!in_range(expected)) return;
  const std::vector<Tensor> got = evaluate(cheap);
  for (std::size_t i = 0; i < got.size(); ++i) {
    CAPTURE(i);
    CHECK(worst_of_largest(expected[i], got[i]) < 1e-10);
  }
  ++counts.compared;
  counts.rewritten += cheaper;
}

TEST_CASE("random graphs of sums and products keep their values and get no dearer") {
  const char* full = std::getenv("HOURGLASS_FULL");
  const int graphs = full && std::string_view(full) == "1" ? 20000 : 600;
  Counts counts;
  for (int seed = 1; seed <= graphs; ++seed) compare(static_cast<std::uint64_t>(seed), counts);
  CHECK(counts.compared > graphs / 2);
  CHECK(counts.rewritten > counts.compared / 2);
}

}  // namespace
}  // namespace hourglass
