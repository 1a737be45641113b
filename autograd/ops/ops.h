#pragma once

// The ops, as functions that record nodes. Binary functions broadcast as NumPy does (sizes are
// matched from the last axis, size 1 stretches) by inserting broadcast_to; dtypes must agree, use
// cast. Every function throws Error, naming itself, both shapes and what differs. Axes may be
// negative.

#include <cstdint>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// Element values as a structural constant: every element is `value`.
Var full(const Shape& shape, double value, DType dtype = DType::kF32);
Var full_like(const Var& x, double value);  // of x's shape and dtype
Var zeros_like(const Var& x);
Var ones_like(const Var& x);

// --- elementwise, one input (f32, f64; negate, abs, sign, square and relu also i32)
//
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
Var log1p(const Var& x);  // log(1 + x), accurate near 0
Var expm1(const Var& x);  // exp(x) - 1, accurate near 0
Var rsqrt(const Var& x);  // 1 / sqrt(x)
// sqrt(x) with derivative 0 at 0, one of those between 0 and inf; its second derivative there is
// NaN
Var flat_sqrt(const Var& x);
Var sin(const Var& x);
Var cos(const Var& x);
Var erf(const Var& x);
Var lgamma(const Var& x);   // log|Gamma(x)|; inf at 0, -1, -2, ...
Var digamma(const Var& x);  // its derivative psi; NaN at -1, -2, ..., -inf at 0
// The derivative of psi of the order 0 (psi itself) to 100, else Error; 1 is the trigamma function.
Var polygamma(int order, const Var& x);
Var logit(const Var& x);                          // log(x / (1 - x)), 0 < x < 1
Var pow(const Var& x, double exponent);           // x < 0 needs a whole exponent, or gives NaN
Var clip(const Var& x, double low, double high);  // derivative 1 at the bounds too, 0 beyond
// Activations. At 0 the derivative is the left branch's (slope, alpha, scale times alpha).
Var leaky_relu(const Var& x, double slope = 0.01);
Var elu(const Var& x, double alpha = 1);  // x where x > 0, else alpha (exp(x) - 1)
Var selu(const Var& x);                   // Klambauer et al., 2017
Var silu(const Var& x);                   // x sigmoid(x)
Var gelu(const Var& x);                   // x P(x), P the normal distribution, by erf
Var gelu_tanh(
    const Var& x);           // x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, its approximation
Var softsign(const Var& x);  // x / (1 + |x|)

// --- elementwise, two inputs (i32 too, but for divide)
Var add(const Var& a, const Var& b);
Var subtract(const Var& a, const Var& b);
Var multiply(const Var& a, const Var& b);
Var divide(const Var& a, const Var& b);
Var maximum(const Var& a, const Var& b);  // where a = b the derivative goes half to each
Var minimum(const Var& a, const Var& b);
// x^y, real numbers only. x < 0 needs a whole y, or gives NaN, and has no derivative in y (NaN). At
// x = 0 the derivative in y is 0 where y >= 0.
Var pow(const Var& x, const Var& y);
// x log(y), and 0 where x = 0 whatever y is. Derivatives log(y), which is -inf at y = 0, and x / y,
// which is 0 where both are.
Var xlogy(const Var& x, const Var& y);
// softplus(x) - t x, the cross-entropy of sigmoid(x) and a target t in [0, 1], to the last digits
// also where sigmoid(x) is t but for rounding.
Var logistic_loss(const Var& x, const Var& t);
// Masks: 1 or 0 in the dtype of the inputs; derivative zero.
Var equal(const Var& a, const Var& b);
Var not_equal(const Var& a, const Var& b);
Var less(const Var& a, const Var& b);
Var less_equal(const Var& a, const Var& b);
Var greater(const Var& a, const Var& b);
Var greater_equal(const Var& a, const Var& b);
// a where b > 0, else 0 (also where a is infinite or NaN): a mask that does not multiply.
// Derivative in b zero.
Var gate(const Var& a, const Var& b);
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
Var cast(const Var& x, DType dtype);  // to integers truncates, and has derivative zero
Var scale_u8(const Var& x, DType dtype = DType::kF32);  // stored images to [0, 1]: x / 255
Var stop_gradient(const Var& x);                        // x, with derivative zero
// x as it is, but not computed before `earlier` is: what orders a recomputation (checkpoint).
Var after(const Var& x, const Var& earlier);

// --- shapes (any dtype)
Var reshape(const Var& x, Shape shape);                         // to infer a size: reshape_to
Var reshape_to(const Var& x, std::vector<std::int64_t> sizes);  // at most one -1, inferred
Var transpose(const Var& x);                                    // the last two axes swapped
Var transpose(const Var& x,
              const std::vector<int>& permutation);  // axis i of y is axis permutation[i] of x
Var broadcast_to(const Var& x, const Shape& shape);
Var sum_to(const Var& x, const Shape& shape);  // the adjoint of broadcast_to: sums what it repeated
Var eye(std::int64_t n, DType dtype = DType::kF32);              // the identity matrix [n, n]
Var permute(const Var& x, const std::vector<int>& permutation);  // transpose by its other name
Var expand_dims(const Var& x, int axis);                         // a new axis of size 1 at `axis`
Var squeeze(const Var& x, const std::vector<int>& axes = {});    // axes of size 1 go (none: all)

// Every step-th index in [start, stop); a negative start or stop counts from the end of the axis.
inline constexpr std::int64_t kEnd = std::int64_t{1} << 62;
struct Range {
  std::int64_t start = 0, stop = kEnd, step = 1;
};
Var slice(const Var& x, const std::vector<Range>& ranges);  // one an axis: slice(x, {{0, 3}, {}})
Var slice(const Var& x, int axis, const Range& range);

// How many zeros go before, after and between the elements of an axis.
struct Padding {
  std::int64_t before = 0, after = 0, between = 0;
};
// One entry an axis. For another value v than 0: pad(x - v, ...) + v.
Var pad(const Var& x, const std::vector<Padding>& padding);

Var flip(const Var& x, const std::vector<int>& axes = {});  // none named: all axes
Var concat(const std::vector<Var>& xs, int axis);           // along an axis they have
Var stack(const std::vector<Var>& xs, int axis = 0);        // along a new axis
std::vector<Var> split(const Var& x, const std::vector<std::int64_t>& sizes, int axis);
// Equal parts. Throws Error where the axis does not divide into them.
std::vector<Var> chunk(const Var& x, int parts, int axis);
// x repeated times[i] times along axis i; more numbers than axes make new axes in front.
Var tile(const Var& x, const std::vector<std::int64_t>& times);

Shape broadcast_shape(const Shape& a, const Shape& b, const char* who);

// --- reductions over axes (none named: all of them); the axes go, or stay with size 1 (keepdims)
Var sum(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var mean(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var max(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);  // first of equals
Var min(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
// i32 index of the first largest (smallest) element, counted row-major over the axes; derivative
// zero.
Var argmax(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var argmin(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);

// Sum of squared distances from the mean over (count - correction), in two passes. Error unless
// count > correction.
Var variance(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false,
             int correction = 0);
// sqrt(sum(x^2)). The derivative at 0 is 0, one of the subgradients; there is no second one, which
// is NaN there. Squares must be in range.
Var norm(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var prod(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
// log(sum(exp(x))) without overflow; of nothing: -inf.
Var logsumexp(const Var& x, const std::vector<int>& axes = {}, bool keepdims = false);
Var softmax(const Var& x, int axis = -1);      // exp(x) / sum(exp(x)) along the axis
Var log_softmax(const Var& x, int axis = -1);  // its logarithm, without cancellation
// Running sums along an axis: y[i] sums x[j] over j <= i (exclusive: j < i; reverse: from the end).
Var cumsum(const Var& x, int axis, bool exclusive = false, bool reverse = false);

// --- indexing by i32; an index out of range throws Error when the graph runs
Var take(const Var& x, const Var& indices, int axis);  // the axis becomes the indices' axes
// Its adjoint: x [outer.., k.., inner..] with indices [k..] are added up into [outer.., n,
// inner..], where the axis of size n is `axis`.
Var scatter_add(const Var& x, const Var& indices, int axis, std::int64_t n);
Var embedding(const Var& weight, const Var& indices);  // rows of weight [V, D]: [indices.., D]
// [indices.., n]: 1 at the index, else 0; all 0 for an index out of range.
Var one_hot(const Var& indices, std::int64_t n, DType dtype = DType::kF32);

// --- order along an axis; equals keep their order, NaN comes last in a sort and counts as largest
// in top_k
Var sort(const Var& x, int axis = -1, bool descending = false);
Var argsort(const Var& x, int axis = -1, bool descending = false);  // i32
struct TopK {
  Var values, indices;  // the k largest, in descending order; indices i32
};
TopK top_k(const Var& x, std::int64_t k, int axis = -1);
// 1 at the k largest, else 0, in x's dtype; derivative zero: gate(x, top_k_mask(x, k)) keeps those
// k.
Var top_k_mask(const Var& x, std::int64_t k, int axis = -1);

// --- indexing along the last axis: x [..., n], indices i32 [..., k] with the same leading sizes
Var take_along(const Var& x, const Var& indices);                     // [..., k]
Var scatter_along(const Var& x, const Var& indices, std::int64_t n);  // its adjoint, [..., n], adds

// --- products

// op(a) op(b) over the last two axes, where a flag transposes its operand; leading axes are a batch
// and are broadcast together. a [.., m, k], b [.., k, n] -> [.., m, n].
Var matmul(const Var& a, const Var& b, bool transpose_a = false, bool transpose_b = false);
// op(a) x: a [.., m, k], x [.., k] -> [.., m].
Var matvec(const Var& a, const Var& x, bool transpose_a = false);
Var outer(const Var& a, const Var& b);  // [m], [n] -> [m, n]
Var dot(const Var& a, const Var& b);    // [n], [n] -> a scalar
Var diag(const Var& x);                 // [.., n] -> [.., n, n] with x on the diagonal
Var diagonal(const Var& x);             // [.., m, n] -> [.., min(m, n)]
Var trace(const Var& x);                // [.., m, n] -> [..]

}  // namespace hourglass
