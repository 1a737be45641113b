#include <fmt/core.h>

#include "autograd/graph/cost.h"
#include "autograd/graph/term.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

TensorType eye_type(const Call& c) {
  check_arity(c, 0);
  const std::int64_t n = c.attributes.integer("n");
  const DType dtype = c.attributes.dtype("dtype");
  if (!is_real(dtype)) {
    throw Error(fmt::format("eye: numbers must be f32 or f64: got {}", name_of(dtype)));
  }
  return {Shape{n, n}, dtype};
}

void eye_kernel(const KernelCall& k) {
  const std::int64_t n = (*k.output.shape)[0];
  visit(k.output.dtype, [&](auto zero) {
    using T = decltype(zero);
    T* y = k.output.as<T>();
    std::fill_n(y, n * n, T{0});
    for (std::int64_t i = 0; i < n; ++i) y[i * (n + 1)] = T{1};
  });
}

// An op of its own and no constant tensor: that it is an identity is what simplify needs to see to
// turn the seeds of a Jacobian into relabelled axes.
// A label that is repeated.
std::optional<contract::Term> eye_form(const Call& c) {
  const std::int64_t n = c.output.size(0);
  const contract::Axis axis = n == 1 ? contract::Axis{} : contract::Axis{contract::fresh(n)};
  contract::Term term;
  term.out = {axis, axis};
  return term;
}

const Op& eye_op = define({
    .name = "eye",
    .type = eye_type,
    .kernel = eye_kernel,
    .cost = cost_nothing,
    .form = {.constant = eye_form, .spreads = true},
});

}  // namespace

Var eye(std::int64_t n, DType dtype) { return apply(eye_op, {}, {{"n", n}, {"dtype", dtype}}); }

}  // namespace hourglass
