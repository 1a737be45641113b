#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/cost.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// Joining and cutting along an axis, and the shapes that are views in other libraries: all but
// concat are graph code over reshape, broadcast_to and slice.

namespace hourglass {

using namespace internal;

namespace {

TensorType concat_type(const Call& c) {
  if (c.inputs.empty()) fail(c, "needs at least one input");
  check_same_dtype(c);
  const int axis = axis_of(c.attributes);
  std::int64_t total = 0;
  for (const Var& x : c.inputs) {
    if (x.rank() != c[0].rank() ||
        x.shape().without_axis(axis) != c[0].shape().without_axis(axis)) {
      fail(c, fmt::format("all axes but axis {} must agree", axis));
    }
    total += x.size(axis);
  }
  return {c[0].shape().without_axis(axis).with_axis(axis, total), c[0].dtype()};
}

void concat_kernel(const KernelCall& k) {
  const ShortVector<std::int64_t> strides = strides_of(*k.output.shape);
  const int axis = axis_of(k.attributes);
  std::int64_t offset = 0;
  for (const ArrayRef& x : k.inputs) {
    if (x.shape->elements() > 0) {
      kernels::scatter_strided(k.output.dtype, x.shape->sizes(), strides, offset, x.data,
                               k.output.data);
    }
    offset += (*x.shape)[axis] * strides[static_cast<std::size_t>(axis)];
  }
}

// Input i gets its own stretch of the cotangent.
Var concat_adjoint(const Call& c, const Var& g) {
  const int axis = axis_of(c.attributes);
  std::int64_t start = 0;
  for (int i = 0; i < c.argument; ++i) start += c[i].size(axis);
  return slice(g, axis, {start, start + c[c.argument].size(axis)});
}

const Op& concat_op = define({
    .name = "concat",
    .type = concat_type,
    .kernel = concat_kernel,
    .vjp = {concat_adjoint},
    .variadic = true,
    .batch =
        [](const BatchCall& b) {
          std::vector<Var> inputs;
          for (int i = 0; i < static_cast<int>(b.inputs.size()); ++i)
            inputs.push_back(with_axis(b, i));
          return concat(inputs, axis_of(b.call.attributes) + 1);
        },
    .follow = [](const Call& c, int,
                 int axis) { return axis == axis_of(c.attributes) ? kMixed : axis; },
    .cost = cost_nothing,
});

// x with a new axis of size 1 at `axis`, for the function `who`.
Var expand(const Var& x, int axis, const char* who) {
  const int rank = x.rank() + 1;
  if (axis < -rank || axis >= rank) {
    throw Error(fmt::format("{}: axis out of range: a={}: axis {}: expected {} to {}", who,
                            to_string(x.shape()), axis, -rank, rank - 1));
  }
  return reshape(x, x.shape().with_axis(axis < 0 ? axis + rank : axis, 1));
}

}  // namespace

Var concat(const std::vector<Var>& xs, int axis) {
  for (const Var& x : xs) check_defined(x, "concat");
  if (xs.empty()) return apply(concat_op, xs, {{"axis", std::int64_t{0}}});  // which says so
  const std::int64_t which = xs[0].shape().axis_index(axis, "concat");
  return apply(concat_op, xs, {{"axis", which}});
}

Var stack(const std::vector<Var>& xs, int axis) {
  std::vector<Var> lifted;
  for (const Var& x : xs) {
    check_defined(x, "stack");
    lifted.push_back(expand(x, axis, "stack"));
  }
  if (xs.empty()) throw Error("stack: needs at least one input");
  for (const Var& x : xs) {
    if (x.shape() == xs[0].shape()) continue;
    throw Error(fmt::format("stack: shapes differ: {}", shapes_text({xs[0].shape(), x.shape()})));
  }
  return in_context_of("stack", xs, [&] { return concat(lifted, axis); });
}

std::vector<Var> split(const Var& x, const std::vector<std::int64_t>& sizes, int axis) {
  check_defined(x, "split");
  const int which = x.shape().axis_index(axis, "split");
  std::int64_t total = 0;
  bool negative = false;
  for (std::int64_t size : sizes) {
    negative = negative || size < 0;
    total += size > x.size(which) ? x.size(which) + 1 : size;  // which cannot overflow
  }
  if (negative || total != x.size(which)) {
    throw Error(fmt::format("split: the sizes must add up to the axis: a={}, axis {}: {} vs {}",
                            to_string(x.shape()), axis, total, x.size(axis)));
  }
  std::vector<Var> parts;
  std::int64_t start = 0;
  for (std::int64_t size : sizes) {
    parts.push_back(slice(x, axis, {start, start + size}));
    start += size;
  }
  return parts;
}

std::vector<Var> chunk(const Var& x, int parts, int axis) {
  check_defined(x, "chunk");
  const std::int64_t n = x.shape()[x.shape().axis_index(axis, "chunk")];
  if (parts < 1 || n % parts != 0) {
    throw Error(fmt::format("chunk: the axis must divide into equal parts: a={}, axis {}: {} vs {}",
                            to_string(x.shape()), axis, n, parts));
  }
  return split(x, Sizes(static_cast<std::size_t>(parts), n / parts), axis);
}

Var expand_dims(const Var& x, int axis) {
  check_defined(x, "expand_dims");
  return expand(x, axis, "expand_dims");
}

Var squeeze(const Var& x, const std::vector<int>& axes) {
  check_defined(x, "squeeze");
  std::vector<int> which = normalize_axes(x.shape(), axes, "squeeze");
  if (axes.empty()) std::erase_if(which, [&](int axis) { return x.size(axis) != 1; });
  for (int axis : which) {
    if (x.size(axis) == 1) continue;
    throw Error(fmt::format("squeeze: the axis must have size 1: a={}: axis {}: {} vs 1",
                            to_string(x.shape()), axis, x.size(axis)));
  }
  return reshape(x, reduced_shape(x.shape(), which, false));
}

Var permute(const Var& x, const std::vector<int>& permutation) {
  check_defined(x, "permute");
  for (int axis : permutation) x.shape().axis_index(axis, "permute");
  return in_context_of("permute", {x}, [&] { return transpose(x, permutation); });
}

// Each axis [n] becomes [1, n], is broadcast to [times, n] and joined to [times * n].
Var tile(const Var& x, const std::vector<std::int64_t>& times) {
  check_defined(x, "tile");
  if (static_cast<int>(times.size()) < x.rank()) {
    throw Error(fmt::format("tile: needs one number an axis: a={}: {} vs {}", to_string(x.shape()),
                            times.size(), x.rank()));
  }
  Sizes apart, repeated, joined;
  for (std::size_t i = 0; i < times.size(); ++i) {
    const int axis = static_cast<int>(i) - (static_cast<int>(times.size()) - x.rank());
    const std::int64_t n = axis < 0 ? 1 : x.size(axis);
    apart.insert(apart.end(), {1, n});
    repeated.insert(repeated.end(), {times[i], n});
    // A size that is too large stays so, but does not overflow.
    joined.push_back(
        std::min(times[i], (std::int64_t{1} << 59) / std::max<std::int64_t>(n, 1) + 1) * n);
  }
  const Shape result = checked_shape(std::move(joined), "tile", {x.shape()});
  return reshape(broadcast_to(reshape(x, Shape(apart)), Shape(repeated)), result);
}

}  // namespace hourglass
