#include "nn/layers/linear.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "nn/data/batches.h"
#include "tensor/error.h"

using namespace hourglass;

TEST_CASE("a linear layer is x W' + b") {
  nn::InitSource source(1);
  nn::Linear layer = nn::make_linear(2, 3, nn::Init::kTorch, source);
  layer.weight.assign(Tensor::from<float>({1, 2, 3, 4, 5, 6}, {3, 2}));
  layer.bias.assign(Tensor::from<float>({10, 20, 30}, {3}));
  const Tensor y = layer(constant(Tensor::from<float>({1, 1, 0, 2}, {2, 2}))).value();
  CHECK(y.values() == std::vector<double>{13, 27, 41, 14, 28, 42});
}

TEST_CASE("a linear layer speaks its own name when the width is wrong") {
  nn::InitSource source(1);
  const nn::Linear layer = nn::make_linear(4, 3, nn::Init::kTorch, source);
  CHECK_THROWS_WITH_AS(layer(input({8, 5})),
                       "linear: input width differs: x=[8, 5], weight=[3, 4]: expected [B, 4]",
                       Error);
  layer.weight.named("decoder.0.weight");
  CHECK_THROWS_WITH_AS(
      layer(input({8, 5})),
      "linear: input width differs: x=[8, 5], decoder.0.weight=[3, 4]: expected [B, 4]", Error);
  CHECK_THROWS_WITH_AS(nn::make_linear(0, 3, nn::Init::kTorch, source),
                       "linear: widths must be at least 1: in=0, out=3", Error);
}

TEST_CASE("initialisers have the spread that their papers ask for, in dense layers and windows") {
  struct Row {
    nn::Init init;
    double in, out;  // the variance is 1 / (in fan_in + out fan_out)
    bool uniform;
  };
  for (const Row& row :
       {Row{nn::Init::kTorch, 3, 0, true}, Row{nn::Init::kXavierUniform, 0.5, 0.5, true},
        Row{nn::Init::kXavierNormal, 0.5, 0.5, false}, Row{nn::Init::kKaimingUniform, 0.5, 0, true},
        Row{nn::Init::kKaimingNormal, 0.5, 0, false}}) {
    for (const Shape& shape : {Shape{200, 300}, Shape{60, 40, 5, 5}}) {
      CAPTURE(name_of(row.init));
      const double window = static_cast<double>(shape.product(2, shape.rank()));
      const double fan_in = static_cast<double>(shape[1]) * window;
      const double fan_out = static_cast<double>(shape[0]) * window;
      const double variance = 1 / (row.in * fan_in + row.out * fan_out);
      nn::InitSource source(3);
      double sum = 0, squares = 0, largest = 0;
      const std::vector<double> w = nn::init_weight(row.init, source, shape).values();
      for (double x : w) {
        sum += x;
        squares += x * x;
        largest = std::max(largest, std::abs(x));
      }
      const double n = static_cast<double>(w.size());
      // 60,000 draws: the mean is within 5 of its standard deviations, the variance within 3 per
      // cent. Uniform numbers end at sqrt(3) of their standard deviation, normal ones do not.
      CHECK(std::abs(sum / n) < 5 * std::sqrt(variance / n));
      CHECK(squares / n == doctest::Approx(variance).epsilon(0.03));
      if (row.uniform) CHECK(largest == doctest::Approx(std::sqrt(3 * variance)).epsilon(0.001));
      if (!row.uniform) CHECK(largest > 3.5 * std::sqrt(variance));
    }
  }
}

TEST_CASE("biases begin at 0, PyTorch's within 1 / sqrt(fan in)") {
  nn::InitSource source(3);
  for (const auto& [name, init] : names_of(nn::Init{}).names) {
    CAPTURE(name);
    double largest = 0;
    for (double b : nn::init_bias(init, source, {5000}, 16).values()) {
      largest = std::max(largest, std::abs(b));
    }
    CHECK(largest == doctest::Approx(init == nn::Init::kTorch ? 0.25 : 0).epsilon(0.001));
  }
}

TEST_CASE("the same seed gives the same weights, another seed others") {
  const auto weights = [](std::uint64_t seed) {
    nn::InitSource source(seed);
    return nn::make_linear(20, 10, nn::Init::kTorch, source).weight.tensor();
  };
  CHECK(weights(5).identical(weights(5)));
  CHECK_FALSE(weights(5).identical(weights(6)));
}

TEST_CASE("an epoch holds each row once, in an order of its own") {
  std::vector<std::int32_t> numbers(103);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<std::int32_t>(i);
  const Tensor rows = Tensor::from<std::int32_t>(numbers, {103, 1});
  std::vector<std::vector<double>> orders;
  const nn::Batches batches(rows, 10, 4);
  CHECK(batches.shape() == Shape{10, 1});
  CHECK(batches.dtype() == DType::kI32);
  REQUIRE(batches.count() == 11);
  CHECK(batches.size(10) == 3);
  CHECK(nn::Batches(rows, 1000, 4).shape() == Shape{103, 1});
  for (int epoch : {1, 2}) {
    std::vector<double> seen;
    for (Tensor batch : batches.epoch(epoch)) {
      const auto values = batch.values();
      seen.insert(seen.end(), values.begin(), values.end());
    }
    CHECK(seen.back() == batches.epoch(epoch).batch(10).at(2));
    orders.push_back(seen);
    std::sort(seen.begin(), seen.end());
    for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(seen[i] == static_cast<double>(i));
  }
  CHECK(orders[0] != orders[1]);
  CHECK_THROWS_WITH_AS(nn::Batches(rows, 0, 4), "batch: must be at least 1: got 0", Error);
}
