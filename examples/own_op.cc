// An op of your own, outside the library: its kernel, its derivative, and a check of both.
#include <cmath>
#include <cstdio>

#include "hourglass.h"

using namespace hourglass;

// sinc(x) = sin(x) / x; d sinc(x) = (cos(x) - sinc(x)) / x
const Op& sinc_op = define({
    .name = "sinc",
    .type = same_as_first,
    .kernel = map1<[](auto x) { return std::sin(x) / x; }>,
    .vjp = {[](const Call& c, const Var& g) { return g * ((cos(c[0]) - c.output) / c[0]); }},
});

int main() {
  const auto loss = [](const std::vector<Var>& v) { return sum(square(apply(sinc_op, v))); };
  const CheckReport report = gradgradcheck(loss, {Tensor::from<double>({0.5, 1, 2, 4}, {4})});
  std::puts(to_string(report).c_str());
  return report.passed ? 0 : 1;
}
