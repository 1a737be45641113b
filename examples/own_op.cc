// An op of your own, outside the library: its kernel, its derivative, and a check of both.
#include <cmath>
#include <cstdio>

#include "autograd/check/gradcheck.h"
#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"

using namespace hourglass;

Var sinc(const Var& x);  // sin(x) / x

// d sinc(x) = (cos(x) - sinc(x)) / x
const Op& sinc_op = define({
    .name = "sinc",
    .type = same_as_first,
    .kernel =
        [](const KernelCall& k) {
          visit(k.output.dtype, [&](auto zero) {
            using T = decltype(zero);
            const T* x = k.inputs[0].as<T>();
            T* y = k.output.as<T>();
            for (std::int64_t i = 0; i < k.elements(); ++i)
              y[i] = static_cast<T>(std::sin(x[i]) / x[i]);
          });
        },
    .vjp = {[](const Call& c, const Var& g) { return g * ((cos(c[0]) - c.output) / c[0]); }},
});

Var sinc(const Var& x) { return apply(sinc_op, {x}); }

int main() {
  const Tensor x = Tensor::from<double>({0.5, 1.0, 2.0, 4.0}, Shape{4});
  const auto loss = [](const std::vector<Var>& v) { return sum(square(sinc(v[0]))); };
  const CheckReport report = gradgradcheck(loss, {x});
  std::puts(to_string(report).c_str());
  return report.passed ? 0 : 1;
}
