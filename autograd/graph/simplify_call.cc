#include "autograd/graph/simplify_call.h"

namespace hourglass {

bool SimplifyCall::is(const Var& x, const Op& op) const {
  return &x.op() == &op && !opaque.count(x.id());
}

std::optional<double> SimplifyCall::uniform(const Var& x) const {
  const Var* source = &x;
  while (source->op().repeats && !opaque.count(source->id())) source = &source->inputs()[0];
  if (!is_constant(*source) || source->elements() != 1 || opaque.count(source->id())) return {};
  return source->tensor().at(0);
}

}  // namespace hourglass
