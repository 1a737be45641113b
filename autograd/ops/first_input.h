#pragma once

// What the ops have in common that hand on their first input. Internal to autograd.

#include "autograd/graph/op.h"

namespace hourglass::internal {

// The type of the first of so many inputs, whatever the others are.
inline TensorType type_of_first(const Call& c, int inputs) {
  check_arity(c, inputs);
  return {c[0].shape(), c[0].dtype()};
}

// Its axes stay where they are; nothing of the others comes through.
inline int follow_first(const Call&, int argument, int axis) {
  return argument == 0 ? axis : kMixed;
}

}  // namespace hourglass::internal
