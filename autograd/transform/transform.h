#pragma once

// Transforms take graphs and give graphs; nothing is computed. They compose to any depth.

#include <functional>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// The gradient of a scalar y with respect to each x: one Var a x, of its shape and dtype. An x that
// y does not depend on has gradient zero. An x may be any node, also an inner one. Throws Error if
// y is not a scalar, if an x is not f32 or f64, and if an op on the way has no derivative for an
// argument.
std::vector<Var> grad(const Var& y, const std::vector<Var>& xs);
inline std::vector<Var> grad(const Var& y, std::initializer_list<Var> xs) {  // of one, too
  return grad(y, std::vector<Var>(xs));
}
Var grad(const Var& y, const Var& x);

// The vector-Jacobian products: sum over y's elements of cotangent times d y / d x. The cotangent
// has y's shape and dtype.
std::vector<Var> vjp(const Var& y, const std::vector<Var>& xs, const Var& cotangent);

// The Jacobian-vector product: sum over x's elements of d y / d x times tangent, in y's shape; the
// tangents have the xs' types. It is the derivative of vjp with respect to its cotangent, so no op
// has a rule for it.
Var jvp(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& tangents);

// y with the xs replaced by each slice batches[i][k] along axis 0, stacked: [size, y...], as one
// graph. A batch has its x's dtype and one more axis in front; all have one size. What the batch
// does not reach is left alone and shared; an op without a batching rule is applied to each slice.
// Draws with a key that the batch does not reach are shared, draws with a batched key are fresh for
// each slice. vmap of grad gives the gradients sample by sample.
Var vmap(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& batches);
std::vector<Var> vmap(const std::vector<Var>& ys, const std::vector<Var>& xs,
                      const std::vector<Var>& batches);

// All partial derivatives: [shape of y..., shape of x...].
Var jacobian(const Var& y, const Var& x);

// Row by row: y [B, y...] and x [B, x...] give [B, y..., x...], d y[i] / d x[i]. Throws Error,
// naming the op, where an op between x and y mixes rows (batch statistics), since then a row of y
// has no Jacobian of its own; what has a zero derivative (stop_gradient, indices) may mix them.
Var batch_jacobian(const Var& y, const Var& x);

// Of a scalar y: the matrix of second derivatives [x..., x...], and its product with v (x's type),
// which never makes the matrix.
Var hessian(const Var& y, const Var& x);
Var hvp(const Var& y, const Var& x, const Var& v);

// y with the xs replaced. Shapes may change if the ops between allow it; dtypes must not.
Var substitute(const Var& y, const std::vector<Var>& xs, const std::vector<Var>& replacements);
std::vector<Var> substitute(const std::vector<Var>& ys, const std::vector<Var>& xs,
                            const std::vector<Var>& replacements);

// The same graphs in another real dtype: constants are converted, parameters and inputs become new
// leaves that start from the converted numbers, random draws keep theirs. Leaves that are listed
// among ys are answered by their new leaf, so `cast_graph({loss, w, x}, DType::kF64)` lifts a model
// and its handles.
std::vector<Var> cast_graph(const std::vector<Var>& ys, DType dtype);
Var cast_graph(const Var& y, DType dtype);

// f, with what it computes between its arguments and its result not kept for the derivative but
// computed again when the derivative gets there, over after(x, cotangent). Values and derivatives
// of any order are those of f; memory is what is saved. Nodes that f reaches by other ways
// (weights) are differentiated as well. A derivative with respect to a node inside of f keeps what
// f computes.
using Function = std::function<Var(const std::vector<Var>&)>;
Function checkpoint(Function f);

}  // namespace hourglass
