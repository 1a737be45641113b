// A chain of cheap lanes in one pass has the bits of those lanes one after the other.

#include <doctest/doctest.h>

#include <cstdint>
#include <vector>

#include "tensor/kernels.h"
#include "tests/tensor/lanes.h"
#include "tests/tensor/targets.h"

namespace {

namespace kernels = hourglass::kernels;
using hourglass::DType;
using hourglass::dtype_of;
using kernels::ChainFunction;
using kernels::ChainOp;
using kernels::Lane;

constexpr ChainOp kOps[] = {ChainOp::kAdd, ChainOp::kSubtract, ChainOp::kSubtractFrom,
                            ChainOp::kMultiply};
constexpr Lane kLanes[] = {Lane::kAdd, Lane::kSubtract, Lane::kSubtract, Lane::kMultiply};

template <class T>
std::vector<T> one_by_one(const std::vector<ChainOp>& ops, const std::vector<std::vector<T>>& x) {
  std::vector<T> y = x[0];
  for (std::size_t k = 0; k < ops.size(); ++k) {
    const Lane lane = kLanes[static_cast<std::size_t>(ops[k])];
    const bool from = ops[k] == ChainOp::kSubtractFrom;
    y = lanes_testing::run<T>(lane, {from ? x[k + 1] : y, from ? y : x[k + 1]});
  }
  return y;
}

// With every choice of operands that are one number for all elements, in place and not.
template <class T>
void check_chain(const std::vector<ChainOp>& ops, std::size_t n) {
  const ChainFunction chain = kernels::lane_chain(ops, dtype_of<T>());
  REQUIRE((chain != nullptr));
  const std::size_t operands = ops.size() + 1;
  for (unsigned scalars = 0; scalars < 1U << operands; scalars += 2) {
    std::vector<std::vector<T>> x;
    for (std::size_t k = 0; k < operands; ++k) {
      x.push_back(lanes_testing::spread<T>(-3, 4, n));
      const std::vector<T> special = lanes_testing::special_numbers<T>();
      for (std::size_t i = k; i < n; i += 3) x[k][i] = special[(i * (k + 2)) % special.size()];
      if ((scalars >> k & 1) != 0) x[k].assign(n, T(0.3) + static_cast<T>(k));
    }
    const std::vector<T> expected = one_by_one(ops, x);
    std::vector<const void*> inputs;
    for (const std::vector<T>& input : x) inputs.push_back(input.data());
    std::vector<T> y(n);
    chain(inputs.data(), scalars, y.data(), n);
    chain(inputs.data(), scalars, x[0].data(), n);
    for (std::size_t i = 0; i < n; ++i) {
      const bool same = lanes_testing::same(y[i], expected[i]);
      if (!same || !lanes_testing::same(x[0][i], expected[i])) {
        FAIL("element ", i, " of ", n, ", scalars ", scalars);
      }
    }
  }
}

TEST_CASE_TEMPLATE("a chain of lanes in one pass has the bits of its lanes", T, float, double) {
  on_every_target([&](auto) {
    for (const std::size_t n : {1u, 5u, 16u, 37u, 101u}) {
      for (const ChainOp first : kOps) {
        for (const ChainOp second : kOps) {
          check_chain<T>({first, second}, n);
          check_chain<T>({first, second, ChainOp::kMultiply}, n);
        }
      }
    }
  });
}

TEST_CASE("there are no chains of one lane, of four, of integers, or with a sum after two") {
  const auto find = [](std::vector<ChainOp> ops, DType dtype) {
    return kernels::lane_chain(ops, dtype) != nullptr;
  };
  const ChainOp add = ChainOp::kAdd, multiply = ChainOp::kMultiply;
  CHECK(find({add, multiply}, DType::kF32));
  CHECK_FALSE(find({multiply}, DType::kF32));
  CHECK_FALSE(find({add, multiply, multiply, multiply}, DType::kF32));
  CHECK_FALSE(find({add, multiply}, DType::kI32));
  CHECK_FALSE(find({multiply, multiply, add}, DType::kF32));
}

}  // namespace
