#pragma once

// What random graphs are made of. Internal to autograd/certificate.

#include <string_view>
#include <vector>

#include "autograd/check/random.h"
#include "autograd/graph/var.h"

namespace hourglass::check {

// One kind of step: keeps numbers within about 3 of 0 if its operands' are, so that graphs of any
// length stay in the domain of every function and their differences stay accurate. Any shapes will
// do: operands are cut, repeated and reshaped to fit.
struct FuzzOp {
  std::string_view name;
  Var (*build)(const Var& a, const Var& b, Random& choice);
  bool smooth = true;  // has continuous derivatives, which are what backward computes
};
const std::vector<FuzzOp>& fuzz_ops();

}  // namespace hourglass::check
