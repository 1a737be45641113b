// A chain of cheap lanes in one pass has the bits of those lanes one after the other.

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

namespace kernels = hourglass::kernels;
using hourglass::DType;
using hourglass::dtype_of;
using kernels::ChainLink;
using kernels::ChainOp;
using kernels::ChainSource;
using kernels::Lane;

// Of each op but kLoad the lane that it stands for, and whether the number is its second operand.
struct Meaning {
  ChainOp op;
  Lane lane;
  bool second = false, unary = false;
};
constexpr Meaning kMeanings[] = {
    {ChainOp::kAdd, Lane::kAdd},
    {ChainOp::kSubtract, Lane::kSubtract},
    {ChainOp::kSubtractFrom, Lane::kSubtract, true},
    {ChainOp::kMultiply, Lane::kMultiply},
    {ChainOp::kDivide, Lane::kDivide},
    {ChainOp::kDivideInto, Lane::kDivide, true},
    {ChainOp::kSqrt, Lane::kSqrt, false, true},
    {ChainOp::kSquare, Lane::kSquare, false, true},
    {ChainOp::kRelu, Lane::kRelu, false, true},
};

template <class T>
using Inputs = std::vector<std::vector<T>>;

template <class T>
std::vector<T> one_by_one(const std::vector<ChainLink>& links, const Inputs<T>& x) {
  std::vector<T> main, aside;
  for (const ChainLink& link : links) {
    std::vector<T>& y = link.aside ? aside : main;
    const bool of_input = link.source == ChainSource::kArray || link.source == ChainSource::kScalar;
    const std::vector<T> operand = of_input ? x[link.operand] : aside;
    if (link.op == ChainOp::kLoad) {
      y = operand;
      continue;
    }
    const Meaning& m = kMeanings[static_cast<std::size_t>(link.op) - 1];
    REQUIRE(m.op == link.op);
    if (m.unary) {
      y = lanes_testing::run<T>(m.lane, {y});
    } else {
      y = lanes_testing::run<T>(m.lane, {m.second ? operand : y, m.second ? y : operand});
    }
  }
  return main;
}

// In place and not, from wherever a row may begin.
template <class T>
void check_chain(const std::vector<ChainLink>& links, std::size_t n) {
  std::size_t count = 0;
  for (const ChainLink& link : links) count = std::max<std::size_t>(count, link.operand + 1U);
  Inputs<T> x;
  for (std::size_t k = 0; k < count; ++k) {
    x.push_back(lanes_testing::spread<T>(-3, 4, n));
    const std::vector<T> special = lanes_testing::special_numbers<T>();
    for (std::size_t i = k; i < n; i += 3) x[k][i] = special[(i * (k + 2)) % special.size()];
  }
  for (const ChainLink& link : links) {
    if (link.source == ChainSource::kScalar) x[link.operand].assign(n, T(0.3) + T(link.operand));
  }
  const std::vector<T> expected = one_by_one(links, x);
  std::vector<const void*> inputs;
  for (const std::vector<T>& input : x) inputs.push_back(input.data());
  const kernels::ChainFunction chain = kernels::lane_chain(dtype_of<T>(), links);
  for (std::size_t begin = 0; begin < 4; ++begin) {
    std::vector<T> y(n + begin + 1, T(7));
    chain(kernels::LaneChain(links), inputs.data(), y.data() + begin, n);
    for (std::size_t i = 0; i < n; ++i) {
      if (!lanes_testing::same(y[begin + i], expected[i])) FAIL("element ", i, " of ", n);
    }
    if (begin > 0) CHECK(y[begin - 1] == 7);
    CHECK(y.back() == 7);
  }
  chain(kernels::LaneChain(links), inputs.data(), x[0].data(), n);
  for (std::size_t i = 0; i < n; ++i) {
    if (!lanes_testing::same(x[0][i], expected[i])) FAIL("element ", i, " of ", n, " in place");
  }
}

constexpr std::size_t kLengths[] = {1, 5, 16, 37, 128, 301};
constexpr ChainLink kLoadFirst{.op = ChainOp::kLoad};

TEST_CASE_TEMPLATE("a chain of lanes in one pass has the bits of its lanes", T, float, double) {
  on_every_target([&](auto) {
    for (const std::size_t n : kLengths) {
      for (const Meaning& one : kMeanings) {
        for (const Meaning& two : kMeanings) {
          const auto array = ChainSource::kArray;
          for (const ChainSource source : {array, ChainSource::kScalar}) {
            const auto none = ChainSource::kNone;
            check_chain<T>({kLoadFirst,
                            {.op = one.op, .source = one.unary ? none : source, .operand = 1},
                            {.op = two.op, .source = two.unary ? none : array, .operand = 2},
                            {.op = ChainOp::kMultiply, .source = source, .operand = 1}},
                           n);
            // One array again and again, which is where the chain is written the second time.
            check_chain<T>({kLoadFirst,
                            {.op = one.op, .source = one.unary ? none : source, .operand = 1},
                            {.op = two.op, .source = two.unary ? none : array, .operand = 0},
                            {.op = ChainOp::kSubtractFrom, .operand = 0}},
                           n);
          }
        }
      }
    }
  });
}

TEST_CASE_TEMPLATE("a chain with a function of its own has the bits of its lanes", T, float,
                   double) {
  on_every_target([&](auto) {
    const std::vector<ChainLink> bias_and_relu = {
        kLoadFirst, {.op = ChainOp::kAdd, .operand = 1}, {ChainOp::kRelu, ChainSource::kNone}};
    CHECK(
        (kernels::lane_chain(dtype_of<T>(), bias_and_relu) != kernels::lane_chain(dtype_of<T>())));
    for (const std::size_t n : kLengths) check_chain<T>(bias_and_relu, n);
  });
}

TEST_CASE_TEMPLATE("a chain joins what it has worked out aside", T, float, double) {
  on_every_target([&](auto) {
    for (const std::size_t n : kLengths) {
      for (const Meaning& one : kMeanings) {
        if (one.unary) continue;
        const ChainLink load{.op = ChainOp::kLoad, .aside = true, .operand = 2};
        const ChainLink from{.op = ChainOp::kSubtractFrom,
                             .source = ChainSource::kScalar,
                             .aside = true,
                             .operand = 3};
        const ChainLink join{.op = one.op, .source = ChainSource::kAside};
        check_chain<T>({kLoadFirst, {.op = ChainOp::kAdd, .operand = 1}, load, from, join}, n);
        check_chain<T>({kLoadFirst,
                        load,
                        {.op = ChainOp::kSquare, .source = ChainSource::kNone, .aside = true},
                        join,
                        load,
                        join},
                       n);
      }
    }
  });
}

TEST_CASE("there are chains of real numbers only") {
  CHECK((kernels::lane_chain(DType::kF32) != nullptr));
  CHECK((kernels::lane_chain(DType::kI32) == nullptr));
}

}  // namespace
