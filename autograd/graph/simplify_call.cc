#include "autograd/graph/simplify_call.h"

namespace hourglass {

bool SimplifyCall::is(const Var& x, const Op& op) const {
  return &x.op() == &op && !opaque.contains(x);
}

std::optional<double> SimplifyCall::uniform(const Var& x) const {
  const Var* source = &x;
  while (source->op().repeats && !opaque.contains(*source)) source = &source->inputs()[0];
  if (!is_constant(*source) || source->elements() != 1 || opaque.contains(*source)) return {};
  return source->tensor().at(0);
}

}  // namespace hourglass
