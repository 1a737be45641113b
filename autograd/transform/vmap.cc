#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

// What stands for a node once the xs have a leading axis: a value with that axis, or the node as it
// was where nothing of the batch reaches it.
struct Lifted {
  Var value;
  bool batched = false;
};

std::int64_t check_batches(const std::vector<Var>& xs, const std::vector<Var>& batches) {
  if (xs.empty()) throw Error("vmap: needs at least one x");
  if (xs.size() != batches.size()) {
    throw Error(fmt::format("vmap: needs one batch an x: {} vs {}", batches.size(), xs.size()));
  }
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (!xs[i].defined() || !batches[i].defined()) {
      throw Error(fmt::format("vmap: pair {} holds an empty Var: nothing was assigned", i));
    }
    const std::int64_t size = batches[0].rank() > 0 ? batches[0].size(0) : 0;
    const bool fits = batches[0].rank() > 0 && batches[i].dtype() == xs[i].dtype() &&
                      batches[i].shape() == xs[i].shape().with_axis(0, size);
    if (fits) continue;
    throw Error(fmt::format(
        "vmap: a batch has one more axis in front than its x: x={} {}, batch={} {}: batch size {}",
        name_of(xs[i].dtype()), to_string(xs[i].shape()), name_of(batches[i].dtype()),
        to_string(batches[i].shape()), size));
  }
  return batches[0].size(0);
}

class Batcher {
 public:
  explicit Batcher(std::int64_t size) : size_(size) {}

  Lifted lift(const Var& node, const std::vector<Lifted>& inputs) const {
    const LabelScope scope(LabelScope::Absolute{node.node()->scope});
    std::vector<Var> values;
    std::vector<std::uint8_t> batched;
    for (const Lifted& input : inputs) {
      values.push_back(input.value);
      batched.push_back(input.batched);
    }
    const Call call = call_of(node);
    const BatchCall batch{call, values, batched, size_};
    Lifted result;
    if (node.op().is_lane()) {
      result = {elementwise(batch), true};
    } else if (node.op().batch == nullptr) {
      result = {loop(batch), true};
    } else {
      result = by_rule(batch);
    }
    const bool is_new = std::none_of(values.begin(), values.end(),
                                     [&](const Var& v) { return v.same(result.value); });
    if (is_new && !node.label().empty()) result.value.named(node.label());
    return result;
  }

  Var with_axis(const Lifted& x) const {
    return x.batched ? x.value : add_leading_axis(x.value, size_);
  }

 private:
  static Var elementwise(const BatchCall& b) {
    std::vector<Var> inputs;
    for (std::size_t i = 0; i < b.inputs.size(); ++i) {
      inputs.push_back(hourglass::with_axis(b, static_cast<int>(i)));
    }
    return apply(b.call.op, std::move(inputs), b.call.attributes);
  }

  // A rule may also find that the batch does not reach its result (after, of an x without it).
  Lifted by_rule(const BatchCall& b) const {
    const Var result = b.call.op.batch(b);
    const Shape& shape = b.call.output.shape();
    const bool same_dtype = result.defined() && result.dtype() == b.call.output.dtype();
    if (same_dtype && result.shape() == shape.with_axis(0, size_)) return {result, true};
    if (same_dtype && result.shape() == shape) return {result, false};
    throw Error(fmt::format("{}: its batching rule gives {}: expected {}", b.call.op.name,
                            result.defined() ? to_string(result.shape()) : "nothing",
                            to_string(shape.with_axis(0, size_))));
  }

  // An op without a rule is applied to each element of the batch on its own.
  Var loop(const BatchCall& b) const {
    if (size_ == 0) return full(b.call.output.shape().with_axis(0, 0), 0, b.call.output.dtype());
    std::vector<Var> results;
    for (std::int64_t i = 0; i < size_; ++i) {
      std::vector<Var> inputs;
      for (std::size_t k = 0; k < b.inputs.size(); ++k) {
        inputs.push_back(b.batched[k] ? element(b.inputs[k], i) : b.inputs[k]);
      }
      results.push_back(apply(b.call.op, std::move(inputs), b.call.attributes));
    }
    return stack(results);
  }

  static Var element(const Var& x, std::int64_t i) {
    return reshape(slice(x, 0, {i, i + 1}), x.shape().without_axis(0));
  }

  std::int64_t size_;
};

}  // namespace

std::vector<Var> vmap(const std::vector<Var>& ys, const std::vector<Var>& xs,
                      const std::vector<Var>& batches) {
  const Batcher batcher(check_batches(xs, batches));
  Replacements stop;
  VarMap<Lifted> lifted;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (!stop.insert(xs[i], batches[i])) {
      throw Error(fmt::format("vmap: an x is listed twice: {} {}", xs[i].op().name,
                              to_string(xs[i].shape())));
    }
    lifted[xs[i]] = {batches[i], true};
  }
  std::vector<Lifted> inputs;
  for (const Var& node : ancestors(ys, stop)) {
    if (stop.contains(node)) continue;
    inputs.clear();
    for (const Var& input : node.inputs()) inputs.push_back(lifted.at(input));
    const bool reached = std::any_of(inputs.begin(), inputs.end(),
                                     [&](const Lifted& input) { return input.batched; });
    std::vector<Var> values;
    for (const Lifted& input : inputs) values.push_back(input.value);
    // What the batch does not reach may still have lost it on the way, and then has new inputs.
    lifted[node] =
        reached ? batcher.lift(node, inputs) : Lifted{reapply(node, std::move(values)), false};
  }
  std::vector<Var> result;
  for (const Var& y : ys) result.push_back(batcher.with_axis(lifted.at(y)));
  return result;
}

Var vmap(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& batches) {
  return vmap(std::vector<Var>{y}, xs, batches)[0];
}

}  // namespace hourglass
