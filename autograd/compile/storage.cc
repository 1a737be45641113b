#include "autograd/compile/storage.h"

#include "autograd/graph/op.h"

namespace hourglass::internal {

bool renames(const Var& x) { return x.op().renames; }

Var storage_of(const Var& x) {
  Var v = x;
  while (renames(v)) v = v.inputs()[0];
  return v;
}

}  // namespace hourglass::internal
