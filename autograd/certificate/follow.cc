#include <algorithm>
#include <limits>

#include "autograd/certificate/columns.h"
#include "autograd/check/differences.h"
#include "autograd/compile/program.h"
#include "autograd/graph/evaluate.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"

namespace hourglass::check {

using namespace internal;

namespace {

Tensor run_on(const Var& node, const std::vector<Tensor>& numbers) {
  std::vector<ArrayRef> inputs;
  for (const Tensor& x : numbers) inputs.push_back({x.raw(), &x.shape(), x.dtype()});
  Tensor y(node.shape(), node.dtype());
  run_kernel(node.op(), {inputs, {y.raw(), &node.shape(), node.dtype()}, node.attributes()});
  return y;
}

// x with slice j along the axis overwritten by the next slice, whose numbers are as valid.
Tensor with_other_slice(const Tensor& x, int axis, std::int64_t j) {
  const AlongAxis along(x.shape(), axis);
  std::vector<double> values = x.values();
  for (std::int64_t o = 0; o < along.outer; ++o) {
    for (std::int64_t i = 0; i < along.inner; ++i) {
      const auto at = [&](std::int64_t k) {
        return static_cast<std::size_t>((o * along.n + k) * along.inner + i);
      };
      values[at(j)] = values[at((j + 1) % along.n)];
    }
  }
  return Tensor::from(values, x.shape()).cast(x.dtype());
}

bool same_but_slice(const Tensor& a, const Tensor& b, int axis, std::int64_t j) {
  const AlongAxis along(a.shape(), axis);
  for (std::int64_t i = 0; i < a.elements(); ++i) {
    if (i / along.inner % along.n != j && error_of(a.at(i), b.at(i)) != 0) return false;
  }
  return true;
}

// Does slice j of the argument reach slice j of the output alone?
bool carries(const Var& node, const std::vector<Tensor>& numbers, std::size_t argument, int axis,
             int to) {
  const std::int64_t n = numbers[argument].shape()[axis];
  if (to < 0 || to >= node.rank() || node.size(to) != n) return false;
  const Tensor y = run_on(node, numbers);
  for (std::int64_t j = 0; j < n; ++j) {
    std::vector<Tensor> changed = numbers;
    changed[argument] = with_other_slice(numbers[argument], axis, j);
    if (!same_but_slice(run_on(node, changed), y, to, j)) return false;
  }
  return true;
}

}  // namespace

double follow_error(const Built& built) {
  std::vector<Feed> feeds;
  for (std::size_t i = 0; i < built.inputs.size(); ++i) {
    feeds.push_back({built.inputs[i], built.numbers[i]});
  }
  for (const Var& node : ancestors({built.y})) {
    if (node.op().follow == nullptr) continue;
    const std::vector<Tensor> numbers = evaluate(node.inputs(), feeds);
    for (std::size_t argument = 0; argument < numbers.size(); ++argument) {
      for (int axis = 0; axis < numbers[argument].shape().rank(); ++axis) {
        const int to = node.op().follow(call_of(node), static_cast<int>(argument), axis);
        if (to != kMixed && !carries(node, numbers, argument, axis, to)) {
          return std::numeric_limits<double>::infinity();
        }
      }
    }
  }
  return 0;
}

}  // namespace hourglass::check
