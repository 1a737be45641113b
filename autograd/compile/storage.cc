#include "autograd/compile/storage.h"

#include "autograd/graph/op.h"

namespace hourglass::internal {

bool is_view(const Var& x) { return x.op().is_view; }

Var storage_of(const Var& x) {
  Var v = x;
  while (is_view(v)) v = v.inputs()[0];
  return v;
}

}  // namespace hourglass::internal
