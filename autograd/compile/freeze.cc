#include "autograd/compile/freeze.h"

#include <algorithm>

#include "autograd/compile/program.h"
#include "autograd/graph/evaluate.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "autograd/ops/ops.h"
#include "autograd/ops/product.h"

namespace hourglass::internal {
namespace {

// Measured on Zen 4, f32, 784-1000-500-250-30: in order and not, 74 and 196 us for one row, 339 and
// 437 for 12, 439 and 409 for 16, where products turn what they read (gemm_tiles-inl.h).
constexpr std::int64_t kFewRows = 16;

class Freezer {
 public:
  explicit Freezer(const Request& request) {
    for (const Update& update : request.updates) updated_.insert(update.parameter);
    const std::vector<Var> kept = request.kept();
    for (const Var& node : ancestors(kept)) look_at(node);
    for (const Var& output : kept) add_value(output);
  }

  // What is known, by its values.
  Replacements values() const {
    std::vector<Var> computed;
    Replacements all;
    for (const Var& x : values_) {
      if (is_parameter(x)) {
        all.insert(x, constant(x.tensor()).named(x.label()));
      } else {
        computed.push_back(x);
      }
    }
    if (computed.empty()) return all;
    Program program = compile(computed);
    const std::vector<Tensor>& tensors = program.run();
    for (std::size_t i = 0; i < computed.size(); ++i) {
      all.insert(computed[i], constant(tensors[i]).named(computed[i].label()));
    }
    return all;
  }

  // a b^T reads rows of b side by side, which few rows of a do not pay for: less than kFewRows.
  Var rewrite(const Var& node, const std::vector<Var>& inputs) {
    const Var now = reapply(node, inputs);
    if (is_dense_conv(now)) {
      const Var& w = now.inputs()[1];
      if (now.shape()[0] >= kFewRows || !is_constant(w)) return now;
      const Var rows = reshape(now.inputs()[0], {now.shape()[0], w.elements() / w.shape()[0]});
      return reshape(matmul(rows, turned(w)), now.shape());
    }
    if (!is_matmul(now)) return now;
    const kernels::Gemm g = gemm_of(now);
    const Var& b = now.inputs()[1];
    if (g.m >= kFewRows || !g.transpose_b || !is_constant(b) || b.shape().rank() != 2) return now;
    return matmul(now.inputs()[0], turned(b), g.transpose_a, false);
  }

 private:
  // Weights [outputs, ...], as [inputs, outputs].
  Var turned(const Var& w) {
    Var& turned = turned_[w];
    if (!turned.defined()) {
      const Var rows = reshape(w, {w.shape()[0], w.elements() / w.shape()[0]});
      turned = constant(evaluate({transpose(rows)})[0]).named(w.label());
    }
    return turned;
  }

  // Known is what depends on such parameters and on constants alone, and is no larger than the
  // largest of what it is made of: a scalar that is broadcast is better broadcast in each run.
  void look_at(const Var& node) {
    const std::vector<Var>& inputs = node.inputs();
    if (inputs.empty()) {
      const bool known = is_constant(node) || (is_parameter(node) && !updated_.contains(node));
      if (known) known_.insert(node);
      return;
    }
    const auto larger = [&](const Var& x) { return x.elements() >= node.elements(); };
    const bool known = !node.op().is_random() &&
                       std::all_of(inputs.begin(), inputs.end(),
                                   [&](const Var& x) { return known_.contains(x); }) &&
                       std::any_of(inputs.begin(), inputs.end(), larger);
    if (known) known_.insert(node);
    for (const Var& x : inputs) {
      if (!known) add_value(x);
    }
  }

  void add_value(const Var& x) {
    if (known_.contains(x) && !is_constant(x) && is_value_.insert(x)) values_.push_back(x);
  }

  VarSet updated_, known_, is_value_;
  std::vector<Var> values_;  // known ones that others are made of
  VarMap<Var> turned_;       // by what they are of
};

}  // namespace

Request freeze(const Request& request) {
  Freezer freezer(request);
  const auto rewrite = [&](const Var& node, const std::vector<Var>& inputs) {
    return freezer.rewrite(node, inputs);
  };
  return request.with(rebuild(request.kept(), rewrite, freezer.values()));
}

}  // namespace hourglass::internal
