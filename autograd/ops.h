#pragma once

// The ops, as functions that record nodes. Binary functions broadcast as NumPy does (sizes are
// matched from the last axis, size 1 stretches) by inserting broadcast_to; dtypes must agree, use
// cast. Every function throws Error, naming itself, both shapes and what differs. Axes may be
// negative.

#include <cstdint>
#include <vector>

#include "autograd/var.h"

namespace hourglass {

// --- elementwise, one input (f32, f64; negate, abs, sign, square and relu also i32)
// ------------------
Var exp(const Var& x);
Var log(const Var& x);  // x < 0 gives NaN, 0 gives -inf
Var sqrt(const Var& x);
Var reciprocal(const Var& x);
Var tanh(const Var& x);
Var sigmoid(const Var& x);   // 1 / (1 + exp(-x))
Var softplus(const Var& x);  // log(1 + exp(x))
Var relu(const Var& x);      // max(x, 0); derivative 0 at 0
Var abs(const Var& x);       // derivative sign(x), 0 at 0
Var sign(const Var& x);      // derivative zero
Var square(const Var& x);
Var negate(const Var& x);

// --- elementwise, two inputs (i32 too, but for divide)
// ------------------------------------------------
Var add(const Var& a, const Var& b);
Var subtract(const Var& a, const Var& b);
Var multiply(const Var& a, const Var& b);
Var divide(const Var& a, const Var& b);
Var maximum(const Var& a, const Var& b);  // where a = b the derivative goes half to each
Var minimum(const Var& a, const Var& b);
// Masks: 1 or 0 in the dtype of the inputs; derivative zero.
Var equal(const Var& a, const Var& b);
Var not_equal(const Var& a, const Var& b);
Var less(const Var& a, const Var& b);
Var less_equal(const Var& a, const Var& b);
Var greater(const Var& a, const Var& b);
Var greater_equal(const Var& a, const Var& b);
// a where mask is not 0, else b; all three are broadcast together.
Var where(const Var& mask, const Var& a, const Var& b);

Var operator+(const Var& a, const Var& b);
Var operator-(const Var& a, const Var& b);
Var operator*(const Var& a, const Var& b);
Var operator/(const Var& a, const Var& b);
Var operator-(const Var& x);
Var operator+(const Var& a, double b);
Var operator+(double a, const Var& b);
Var operator-(const Var& a, double b);
Var operator-(double a, const Var& b);
Var operator*(const Var& a, double b);
Var operator*(double a, const Var& b);
Var operator/(const Var& a, double b);
Var operator/(double a, const Var& b);

// --- types and control
// -------------------------------------------------------------------------------
Var cast(const Var& x, DType dtype);  // to integers truncates, and has derivative zero
Var stop_gradient(const Var& x);      // x, with derivative zero
// x as it is, but not computed before `earlier` is: what orders a recomputation (checkpoint).
Var after(const Var& x, const Var& earlier);

// --- shapes (any dtype)
// ------------------------------------------------------------------------------
Var reshape(const Var& x, Shape shape);  // one size may be inferred: see reshape_to
Var reshape_to(const Var& x, std::vector<std::int64_t> sizes);  // at most one -1, inferred
Var transpose(const Var& x);                                    // the last two axes swapped
Var transpose(const Var& x,
              const std::vector<int>& permutation);  // axis i of y is axis permutation[i] of x
Var broadcast_to(const Var& x, const Shape& shape);
Var sum_to(const Var& x, const Shape& shape);  // the adjoint of broadcast_to: sums what it repeated
Var eye(std::int64_t n, DType dtype = DType::kF32);  // the identity matrix [n, n]
Shape broadcast_shape(const Shape& a, const Shape& b, const char* who);

// --- reductions over axes (none named: all of them); the axes go, or stay with size 1 (keepdims)
// -----
Var sum(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var mean(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var max(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);  // first of equals
Var min(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
// i32 index of the first largest (smallest) element, counted row-major over the axes; derivative
// zero.
Var argmax(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var argmin(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);

// --- indexing along the last axis: x [..., n], indices i32 [..., k] with the same leading sizes
// -------
Var take_along(const Var& x, const Var& indices);                     // [..., k]
Var scatter_along(const Var& x, const Var& indices, std::int64_t n);  // its adjoint, [..., n], adds

// --- products
// ---------------------------------------------------------------------------------------- op(a)
// op(b) over the last two axes, where a flag transposes its operand; leading axes are a batch and
// are broadcast together. a [.., m, k], b [.., k, n] -> [.., m, n].
Var matmul(const Var& a, const Var& b, bool transpose_a = false, bool transpose_b = false);

}  // namespace hourglass
