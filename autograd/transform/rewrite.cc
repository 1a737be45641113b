#include <fmt/core.h>

#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

// Every real dtype among the attributes of an op (of cast, of random draws) follows the graph's.
Attributes with_dtype(const Attributes& attributes, DType dtype) {
  std::vector<Attributes::Entry> entries = attributes.entries();
  Attributes result = attributes;
  for (const auto& [name, value] : entries) {
    const DType* held = std::get_if<DType>(&value);
    if (held && is_real(*held)) result = result.with(name, dtype);
  }
  return result;
}

Var cast_leaf(const Var& leaf, DType dtype) {
  if (!is_real(leaf.dtype())) return leaf;
  Var result = is_input(leaf)      ? input(leaf.shape(), dtype)
               : is_constant(leaf) ? constant(leaf.tensor().cast(dtype))
                                   : parameter(leaf.tensor().cast(dtype));
  return result.named(leaf.label());
}

}  // namespace

std::vector<Var> substitute(const std::vector<Var>& ys, const std::vector<Var>& xs,
                            const std::vector<Var>& replacements) {
  if (xs.size() != replacements.size()) {
    throw Error(fmt::format("substitute: needs one replacement an x: {} vs {}", replacements.size(),
                            xs.size()));
  }
  Replacements fixed;
  for (std::size_t i = 0; i < xs.size(); ++i) {
    if (!xs[i].defined() || !replacements[i].defined()) {
      throw Error(fmt::format("substitute: pair {} holds an empty Var: nothing was assigned", i));
    }
    if (xs[i].dtype() != replacements[i].dtype()) {
      throw Error(fmt::format("substitute: dtypes differ: x={}, replacement={}",
                              name_of(xs[i].dtype()), name_of(replacements[i].dtype())));
    }
    if (!fixed.insert(xs[i], replacements[i])) {
      throw Error(fmt::format("substitute: an x is listed twice: {} {}", xs[i].op().name,
                              to_string(xs[i].shape())));
    }
  }
  return rebuild(
      ys, [](const Var& node, const std::vector<Var>& inputs) { return reapply(node, inputs); },
      std::move(fixed));
}

Var substitute(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& replacements) {
  return substitute(std::vector<Var>{y}, xs, replacements)[0];
}

std::vector<Var> cast_graph(const std::vector<Var>& ys, DType dtype) {
  if (!is_real(dtype)) {
    throw Error(fmt::format("cast_graph: expected f32 or f64: got {}", name_of(dtype)));
  }
  return rebuild(ys, [dtype](const Var& node, const std::vector<Var>& inputs) {
    if (is_leaf(node)) return cast_leaf(node, dtype);
    return reapply(node, inputs, with_dtype(node.attributes(), dtype));
  });
}

Var cast_graph(const Var& y, DType dtype) { return cast_graph(std::vector<Var>{y}, dtype)[0]; }

}  // namespace hourglass
