#include <doctest/doctest.h>

#include "autograd/check/gradcheck.h"
#include "autograd/ops/ops.h"
#include "tests/autograd/support.h"

namespace hourglass {
namespace {

using testing::random_tensor;
using Vars = std::vector<Var>;

TEST_CASE("adjoint_check compares <Ax, u> with <x, A'u>") {
  const auto linear = [](const Vars& x) {
    return transpose(
               matmul(pad(x[0], {{1, 0, 0}, {0, 2, 1}}), constant(random_tensor(Shape{7, 2}, 1)))) +
           concat({x[1], x[1]}, 0);
  };
  const AdjointReport report = adjoint_check(linear, {Shape{2, 3}, Shape{1, 3}});
  INFO(to_string(report));
  CHECK(report.passed);
  CHECK(report.pairs == 8);
  CHECK(report.error < 1e-15);
  const auto wrong = [](const Vars& x) { return x[0] + 0.001 * stop_gradient(x[0]); };
  CHECK_FALSE(adjoint_check(wrong, {Shape{4}}).passed);
  const auto slightly = [](const Vars& x) { return x[0] + 1e-9 * stop_gradient(x[0]); };
  CHECK_FALSE(adjoint_check(slightly, {Shape{4}}).passed);
  CHECK_FALSE(adjoint_check([](const Vars& x) { return square(x[0]); }, {Shape{4}}).passed);
}

}  // namespace
}  // namespace hourglass
