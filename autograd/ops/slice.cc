#include <fmt/core.h>

#include <algorithm>

#include "autograd/graph/cost.h"
#include "autograd/graph/term.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/first_input.h"
#include "autograd/ops/ops.h"
#include "tensor/error.h"

// slice and pad, which are each other's adjoints (a slice with a step needs a pad that puts zeros
// between), and flip, which is its own.

namespace hourglass {

using namespace internal;

namespace {

std::size_t at(int i) { return static_cast<std::size_t>(i); }

// --- slice: y[i] = x[start + i step] for start + i step < stop, axis by axis.

TensorType slice_type(const Call& c) {
  check_arity(c, 1);
  const Sizes& start = c.attributes.integers("start");
  const Sizes& stop = c.attributes.integers("stop");
  const Sizes& step = c.attributes.integers("step");
  Sizes sizes;
  for (int i = 0; i < c[0].rank(); ++i) {
    if (step[at(i)] < 1)
      fail(c, "steps must be at least 1", fmt::format("axis {}: {}", i, step[at(i)]));
    if (start[at(i)] < 0 || start[at(i)] > stop[at(i)] || stop[at(i)] > c[0].size(i)) {
      fail(c, "range out of bounds",
           fmt::format("axis {}: {} to {} of {}", i, start[at(i)], stop[at(i)], c[0].size(i)));
    }
    sizes.push_back((stop[at(i)] - start[at(i)] + step[at(i)] - 1) / step[at(i)]);
  }
  return {Shape(std::move(sizes)), c[0].dtype()};
}

void slice_kernel(const KernelCall& k) {
  const Sizes& start = k.attributes.integers("start");
  const Sizes& step = k.attributes.integers("step");
  ShortVector<std::int64_t> strides = strides_of(*k.inputs[0].shape);
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    offset += start[i] * strides[i];
    strides[i] *= step[i];
  }
  if (k.elements() == 0) return;
  kernels::gather_strided(k.output.dtype, k.output.shape->sizes(), strides, offset,
                          k.inputs[0].data, k.output.data);
}

// The zeros that put y's elements back where x had them.
Var slice_adjoint(const Call& c, const Var& g) {
  const Sizes& start = c.attributes.integers("start");
  const Sizes& step = c.attributes.integers("step");
  std::vector<Padding> padding;
  for (int i = 0; i < c[0].rank(); ++i) {
    const std::int64_t n = c.output.size(i);
    const std::int64_t covered = n == 0 ? 0 : (n - 1) * step[at(i)] + 1;
    padding.push_back({start[at(i)], c[0].size(i) - start[at(i)] - covered, step[at(i)] - 1});
  }
  return pad(g, padding);
}

// Is a run of n with this step along an axis of n n elements the diagonal of the matrix that was
// flattened there?
bool is_diagonal(std::int64_t n, std::int64_t step, std::int64_t size) {
  return step == n + 1 && size == n * n;
}

// Diagonals as products: both indices become one.
bool slice_form(const Call& c, contract::Term& term) {
  const Sizes& step = c.attributes.integers("step");
  for (int i = c[0].rank() - 1; i >= 0; --i) {
    const std::int64_t n = c.output.size(i);
    if (n == c[0].size(i)) continue;
    if (!is_diagonal(n, step[at(i)], c[0].size(i))) return false;
    Sizes sizes = contract::shape_of(term.out).sizes();
    sizes[at(i)] = n;
    sizes.insert(sizes.begin() + i, n);
    if (!contract::reshape(term, sizes) || !contract::unify(term, at(i), at(i + 1))) return false;
    term.out.erase(term.out.begin() + i);
  }
  return true;
}

// The attributes with the entry for a batch axis in front of each list.
Var batch_in_front(const BatchCall& b, std::initializer_list<Attributes::Entry> front) {
  Attributes attributes = b.call.attributes;
  for (const auto& [name, value] : front) {
    Sizes list = attributes.integers(name);
    list.insert(list.begin(), std::get<std::int64_t>(value));
    attributes = attributes.with(name, list);
  }
  return apply(b.call.op, {b.inputs[0]}, attributes);
}

const Op& slice_op = define({
    .name = "slice",
    .type = slice_type,
    .kernel = slice_kernel,
    .vjp = {slice_adjoint},
    .linear = true,
    .batch =
        [](const BatchCall& b) {
          return batch_in_front(
              b, {{"start", std::int64_t{0}}, {"stop", b.size}, {"step", std::int64_t{1}}});
        },
    .follow =
        [](const Call& c, int, int axis) {
          const bool whole = c.attributes.integers("step")[at(axis)] == 1 &&
                             c.output.size(axis) == c[0].size(axis);
          return whole ? axis : kMixed;
        },
    .cost = cost_nothing,
    .form = {.relabel = slice_form},
    .keeps_small_errors = true,
});

// --- pad: zeros before, after and between the elements of each axis.

TensorType pad_type(const Call& c) {
  check_arity(c, 1);
  Sizes sizes;
  for (int i = 0; i < c[0].rank(); ++i) {
    const std::int64_t before = c.attributes.integers("before")[at(i)];
    const std::int64_t after = c.attributes.integers("after")[at(i)];
    const std::int64_t between = c.attributes.integers("between")[at(i)];
    const std::int64_t n = c[0].size(i);
    const auto amounts = [&] {
      return fmt::format("axis {}: {}, {}, {}", i, before, after, between);
    };
    if (std::min({before, after, between}) < 0) fail(c, "amounts must not be negative", amounts());
    if (std::max(before, after) > kMostElements || (n > 1 && between > kMostElements / (n - 1))) {
      fail(c, "too many elements", amounts());
    }
    sizes.push_back(before + n + (n > 1 ? (n - 1) * between : 0) + after);
  }
  return {Shape(std::move(sizes)), c[0].dtype()};
}

void pad_kernel(const KernelCall& k) {
  const Sizes& before = k.attributes.integers("before");
  const Sizes& between = k.attributes.integers("between");
  ShortVector<std::int64_t> strides = strides_of(*k.output.shape);
  std::int64_t offset = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    offset += before[i] * strides[i];
    strides[i] *= between[i] + 1;
  }
  kernels::fill(k.output.dtype, 0, k.output.data, k.elements());
  if (k.inputs[0].shape->elements() == 0) return;
  kernels::scatter_strided(k.output.dtype, k.inputs[0].shape->sizes(), strides, offset,
                           k.inputs[0].data, k.output.data);
}

Var pad_adjoint(const Call& c, const Var& g) {
  std::vector<Range> ranges;
  for (int i = 0; i < c[0].rank(); ++i) {
    const std::int64_t before = c.attributes.integers("before")[at(i)];
    const std::int64_t step = c.attributes.integers("between")[at(i)] + 1;
    const std::int64_t n = c[0].size(i);
    ranges.push_back({before, n == 0 ? before : before + (n - 1) * step + 1, step});
  }
  return slice(g, ranges);
}

// A diagonal in zeros: the index stands twice.
bool pad_form(const Call& c, contract::Term& term) {
  const Sizes& between = c.attributes.integers("between");
  for (int i = 0; i < c[0].rank(); ++i) {
    const std::int64_t n = c[0].size(i);
    if (n == c.output.size(i)) continue;
    if (!is_diagonal(n, between[at(i)] + 1, c.output.size(i))) return false;
    contract::Axis& axis = term.out[at(i)];
    const contract::Axis once = axis;
    axis.insert(axis.end(), once.begin(), once.end());
  }
  return true;
}

const Op& pad_op = define({
    .name = "pad",
    .type = pad_type,
    .kernel = pad_kernel,
    .vjp = {pad_adjoint},
    .linear = true,
    .batch =
        [](const BatchCall& b) {
          const std::int64_t none = 0;
          return batch_in_front(b, {{"before", none}, {"after", none}, {"between", none}});
        },
    .follow = [](const Call& c, int,
                 int axis) { return c.output.size(axis) == c[0].size(axis) ? axis : kMixed; },
    .cost = cost_nothing,
    .form = {.relabel = pad_form, .spreads = true},
    .keeps_small_errors = true,
});

// --- flip: y[i] = x[n - 1 - i] along each of the axes.

void flip_kernel(const KernelCall& k) {
  ShortVector<std::int64_t> strides = strides_of(*k.output.shape);
  std::int64_t offset = 0;
  for (std::int64_t axis : k.attributes.integers("axes")) {
    std::int64_t& stride = strides[static_cast<std::size_t>(axis)];
    offset += stride * ((*k.output.shape)[static_cast<int>(axis)] - 1);
    stride = -stride;
  }
  if (k.elements() == 0) return;
  kernels::gather_strided(k.output.dtype, k.output.shape->sizes(), strides, offset,
                          k.inputs[0].data, k.output.data);
}

const Op& flip_op = define({
    .name = "flip",
    .type = [](const Call& c) { return type_of_first(c, 1); },
    .kernel = flip_kernel,
    .vjp = {[](const Call& c, const Var& g) { return apply(c.op, {g}, c.attributes); }},
    .linear = true,
    .batch =
        [](const BatchCall& b) {
          Sizes axes = b.call.attributes.integers("axes");
          for (std::int64_t& axis : axes) ++axis;
          return apply(b.call.op, {b.inputs[0]}, {{"axes", axes}});
        },
    .follow =
        [](const Call& c, int, int axis) {
          const Sizes& axes = c.attributes.integers("axes");
          return std::find(axes.begin(), axes.end(), axis) == axes.end() ? axis : kMixed;
        },
    .cost = cost_nothing,
});

template <class Entry>
void check_count(const Var& x, const std::vector<Entry>& entries, const char* who) {
  check_defined(x, who);
  if (static_cast<int>(entries.size()) == x.rank()) return;
  throw Error(fmt::format("{}: needs one entry an axis: a={}: {} vs {}", who, to_string(x.shape()),
                          entries.size(), x.rank()));
}

}  // namespace

Var slice(const Var& x, const std::vector<Range>& ranges) {
  check_count(x, ranges, "slice");
  Sizes start, stop, step;
  bool whole = true;
  for (int i = 0; i < x.rank(); ++i) {
    const Range& range = ranges[at(i)];
    const std::int64_t n = x.size(i);
    start.push_back(range.start < 0 ? range.start + n : range.start);
    stop.push_back(range.stop == kEnd ? n : range.stop < 0 ? range.stop + n : range.stop);
    step.push_back(range.step);
    whole = whole && start.back() == 0 && stop.back() == n && step.back() == 1;
  }
  return whole ? x : apply(slice_op, {x}, {{"start", start}, {"stop", stop}, {"step", step}});
}

Var slice(const Var& x, int axis, const Range& range) {
  check_defined(x, "slice");
  std::vector<Range> ranges(static_cast<std::size_t>(x.rank()));
  ranges[at(x.shape().axis_index(axis, "slice"))] = range;
  return slice(x, ranges);
}

Var pad(const Var& x, const std::vector<Padding>& padding) {
  check_count(x, padding, "pad");
  Sizes before, after, between;
  bool none = true;
  for (const Padding& p : padding) {
    before.push_back(p.before);
    after.push_back(p.after);
    between.push_back(p.between);
    none = none && p.before == 0 && p.after == 0 && p.between == 0;
  }
  return none ? x
              : apply(pad_op, {x}, {{"before", before}, {"after", after}, {"between", between}});
}

Var flip(const Var& x, const std::vector<int>& axes) {
  check_defined(x, "flip");
  const std::vector<int> which = normalize_axes(x.shape(), axes, "flip");
  return which.empty() ? x : apply(flip_op, {x}, {{"axes", Sizes(which.begin(), which.end())}});
}

}  // namespace hourglass
