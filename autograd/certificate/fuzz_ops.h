#pragma once

// What random graphs are made of. Internal to autograd/certificate.

#include <functional>
#include <string_view>
#include <vector>

#include "autograd/check/random.h"
#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::check {

// What a step may ask for beside its operands: random numbers, and that parameters of its own are
// updated after a run.
class Choice : public Random {
 public:
  Choice(std::uint64_t seed, std::vector<Update>& updates) : Random(seed), updates_(updates) {}
  void update(const Var& parameter, const Var& value) { updates_.push_back({parameter, value}); }

 private:
  std::vector<Update>& updates_;
};

// One kind of step: keeps numbers within about 3 of 0 if its operands' are, so that graphs of any
// length stay in the domain of every function and their differences stay accurate. Any shapes will
// do: operands are cut, repeated and reshaped to fit.
struct FuzzOp {
  std::string_view name;
  std::function<Var(const Var& a, const Var& b, Choice& choice)> build;
  bool smooth = true;  // has continuous derivatives, which are what backward computes
};
// Every op of the certificate is in some of them: one that no step here applies is applied as the
// first case of its row does.
const std::vector<FuzzOp>& fuzz_ops();

}  // namespace hourglass::check
