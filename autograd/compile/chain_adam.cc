#include "autograd/compile/chain.h"
#include "autograd/graph/op.h"

namespace hourglass {
namespace {

using kernels::Lane;

// Finds Adam's update in the steps of a loop, as nn::Adam writes it:
//   m' = beta1 m + rest1 g, v' = beta2 v + rest2 g^2,
//   p' = p - rate ((correction1 m') / (sqrt(correction2 v') + epsilon))
// with factors in either order. What lies between must have no other reader.
class AdamMatch {
 public:
  AdamMatch(Chain& chain, const LoopStep& last) : chain_(chain), last_(last) {}

  bool found() {
    if (last_.nodes[0].op().lane != Lane::kSubtract) return false;
    p = last_.operands[0];
    int direction = 0, numerator = 0, denominator = 0, root = 0, scaled = 0;
    return scaled_by(last_.operands[1], rate, direction) &&
           binary(direction, Lane::kDivide, numerator, denominator) &&
           scaled_by(numerator, correction1, new_m) && plus_scalar(denominator, root, epsilon) &&
           unary(root, Lane::kSqrt, scaled) && scaled_by(scaled, correction2, new_v) && moments();
  }

  std::vector<int> operands() const {
    return {m, v, g, p, beta1, rest1, beta2, rest2, correction1, correction2, epsilon, rate};
  }
  const std::vector<LoopStep*>& inner() const { return inner_; }  // but for m' and v'

  int m = 0, v = 0, g = 0, p = 0, new_m = 0, new_v = 0;

 private:
  bool moments() {
    int a = 0, b = 0, squared = 0, again = 0;
    return chain_.stored(new_m) && chain_.stored(new_v) && chain_.stored(last_) &&
           chain_.uses(new_m) == 1 && chain_.uses(new_v) == 1 && sum(new_m, a, b) &&
           scaled_by(a, beta1, m) && scaled_by(b, rest1, g) && sum(new_v, a, b) &&
           scaled_by(a, beta2, v) && scaled_by(b, rest2, squared) &&
           unary(squared, Lane::kSquare, again) && again == g;
  }

  LoopStep* inner(int r, Lane lane) {
    LoopStep* step = chain_.lane_candidate(r);
    if (!step || step->nodes[0].op().lane != lane) return nullptr;
    inner_.push_back(step);
    return step;
  }
  bool unary(int r, Lane lane, int& a) {
    const LoopStep* step = inner(r, lane);
    if (step) a = step->operands[0];
    return step;
  }
  bool binary(int r, Lane lane, int& a, int& b) {
    const LoopStep* step = inner(r, lane);
    if (!step) return false;
    a = step->operands[0];
    b = step->operands[1];
    return true;
  }
  bool scaled_by(int r, int& scalar, int& other) {
    return binary(r, Lane::kMultiply, scalar, other) && scalar_first(scalar, other);
  }
  bool plus_scalar(int r, int& other, int& scalar) {
    return binary(r, Lane::kAdd, scalar, other) && scalar_first(scalar, other);
  }
  bool scalar_first(int& scalar, int& other) const {
    if (!chain_.is_scalar(scalar)) std::swap(scalar, other);
    return chain_.is_scalar(scalar);
  }
  bool sum(int r, int& a, int& b) const {
    const LoopStep* step = chain_.step(r);
    if (!step || step->nodes.size() != 1 || step->nodes[0].op().lane != Lane::kAdd) return false;
    a = step->operands[0];
    b = step->operands[1];
    return true;
  }

  Chain& chain_;
  const LoopStep& last_;
  std::vector<LoopStep*> inner_;
  int beta1 = 0, rest1 = 0, beta2 = 0, rest2 = 0;
  int correction1 = 0, correction2 = 0, epsilon = 0, rate = 0;
};

}  // namespace

bool join_adam(Chain& chain, LoopStep& last) {
  AdamMatch match(chain, last);
  if (!match.found()) return false;
  last.adam = kernels::adam_function(last.nodes[0].dtype());
  last.operands = match.operands();
  for (LoopStep* step : match.inner()) chain.absorb(*step, last);
  for (const int r : {match.new_m, match.new_v}) {
    last.also.push_back(chain.step(r)->nodes[0]);
    chain.absorb(*chain.step(r), last);
  }
  return true;
}

}  // namespace hourglass
