#include <algorithm>
#include <cmath>
#include <limits>

#include "autograd/graph/op.h"
#include "autograd/ops/axes.h"
#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "tensor/parallel.h"

// softmax, log_softmax and logsumexp over the last axis. The largest number of a row is subtracted
// before exp, so nothing overflows; the kernels do it, the derivative rules need not know.

namespace hourglass {

using namespace internal;

namespace {

using kernels::Lane;
using kernels::Reduction;

constexpr std::int64_t kBlock = 4096;  // numbers that are worked on while they are in L1
constexpr std::int64_t kRows = 256;    // most rows of a block

std::int64_t rows_in_block(std::int64_t n) {
  return std::clamp<std::int64_t>(kBlock / std::max<std::int64_t>(n, 1), 1, kRows);
}

template <class T>
void in_place(Lane lane, T* y, std::int64_t n) {
  const void* inputs[] = {y};
  kernels::lane_function(lane, dtype_of<T>())(inputs, y, static_cast<std::size_t>(n), nullptr);
}

template <class T>
void sum_rows(const T* x, T* y, std::int64_t rows, std::int64_t n) {
  kernels::reduce(Reduction::kSum, dtype_of<T>(), x, y, rows, n, 1);
}

// What is subtracted from each row: its largest number, or 0 where that is not finite, so that rows
// of -inf and rows with inf or NaN come out as the formulas without a shift would have them.
template <class T>
void shifts(const T* x, T* shift, std::int64_t rows, std::int64_t n) {
  kernels::reduce(Reduction::kMax, dtype_of<T>(), x, shift, rows, n, 1);
  for (std::int64_t r = 0; r < rows; ++r) shift[r] = std::isfinite(shift[r]) ? shift[r] : T{0};
}

template <class T>
void shifted_exp(const T* x, const T* shift, T* y, std::int64_t rows, std::int64_t n) {
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t i = 0; i < n; ++i) y[r * n + i] = x[r * n + i] - shift[r];
  }
  in_place(Lane::kExp, y, rows * n);
}

template <class T>
void softmax_rows(const T* x, T* y, std::int64_t rows, std::int64_t n) {
  T shift[kRows], sum[kRows];
  shifts(x, shift, rows, n);
  shifted_exp(x, shift, y, rows, n);
  sum_rows(y, sum, rows, n);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t i = 0; i < n; ++i) y[r * n + i] /= sum[r];
  }
}

template <class T>
void log_softmax_rows(const T* x, T* y, std::int64_t rows, std::int64_t n) {
  T shift[kRows], sum[kRows];
  shifts(x, shift, rows, n);
  shifted_exp(x, shift, y, rows, n);
  sum_rows(y, sum, rows, n);
  in_place(Lane::kLog, sum, rows);
  for (std::int64_t r = 0; r < rows; ++r) {
    for (std::int64_t i = 0; i < n; ++i) y[r * n + i] = (x[r * n + i] - shift[r]) - sum[r];
  }
}

// Rows that are longer than a block are summed in pieces, in order.
template <class T>
void logsumexp_rows(const T* x, T* y, std::int64_t rows, std::int64_t n) {
  T shift[kRows], sum[kRows] = {}, piece_sum[kRows], buffer[kBlock];
  shifts(x, shift, rows, n);
  for (std::int64_t first = 0; first < n; first += kBlock) {
    const std::int64_t piece = std::min(kBlock, n - first);  // rows == 1 unless it is all of n
    shifted_exp(x + first, shift, buffer, rows, piece);
    sum_rows(buffer, piece_sum, rows, piece);
    for (std::int64_t r = 0; r < rows; ++r) sum[r] += piece_sum[r];
  }
  in_place(Lane::kLog, sum, rows);
  for (std::int64_t r = 0; r < rows; ++r) y[r] = sum[r] + shift[r];
}

// Calls body(x, y, rows, n) for blocks of rows, where a row of the output has `out` numbers.
template <class Body>
void over_rows(const KernelCall& k, std::int64_t out, Body body) {
  const Shape& shape = *k.inputs[0].shape;
  const std::int64_t n = shape[-1];
  const std::int64_t rows = shape.product(0, shape.rank() - 1);
  visit(k.output.dtype, [&](auto zero) {
    using T = decltype(zero);
    if constexpr (std::is_floating_point_v<T>) {
      parallel_ranges(rows, rows_in_block(n), [&](std::int64_t first, std::int64_t last) {
        body(k.inputs[0].as<T>() + first * n, k.output.as<T>() + first * out, last - first, n);
      });
    }
  });
}

void softmax_kernel(const KernelCall& k) {
  if (k.elements() == 0) return;
  over_rows(k, (*k.output.shape)[-1], [](auto... args) { softmax_rows(args...); });
}
void log_softmax_kernel(const KernelCall& k) {
  if (k.elements() == 0) return;
  over_rows(k, (*k.output.shape)[-1], [](auto... args) { log_softmax_rows(args...); });
}
void logsumexp_kernel(const KernelCall& k) {
  if ((*k.inputs[0].shape)[-1] == 0) {  // log(0)
    const double nothing = -std::numeric_limits<double>::infinity();
    return kernels::fill(k.output.dtype, nothing, k.output.data, k.elements());
  }
  over_rows(k, 1, [](auto... args) { logsumexp_rows(args...); });
}

TensorType row_type(const Call& c) {
  check_arity(c, 1);
  check_real(c, 0);
  if (c[0].rank() == 0) fail(c, "needs at least one axis");
  return {c[0].shape(), c[0].dtype()};
}

// d softmax(x): g -> y (g - sum(y g))
const Op& softmax_op = define({
    .name = "softmax",
    .type = row_type,
    .kernel = softmax_kernel,
    .vjp = {[](const Call& c, const Var& g) {
      return c.output * (g - sum(c.output * g, {-1}, true));
    }},
    .batch = batch_as_it_is,
    .follow = keep_all_but_last,
});

// d log_softmax(x): g -> g - exp(y) sum(g)
const Op& log_softmax_op = define({
    .name = "log_softmax",
    .type = row_type,
    .kernel = log_softmax_kernel,
    .vjp = {[](const Call& c, const Var& g) { return g - exp(c.output) * sum(g, {-1}, true); }},
    .batch = batch_as_it_is,
    .follow = keep_all_but_last,
});

// d logsumexp(x) = softmax(x)
const Op& logsumexp_op = define({
    .name = "logsumexp",
    .type =
        [](const Call& c) {
          const TensorType x = row_type(c);
          return TensorType{x.shape.without_axis(x.shape.rank() - 1), x.dtype};
        },
    .kernel = logsumexp_kernel,
    .vjp = {[](const Call& c, const Var& g) { return expand_dims(g, -1) * softmax(c[0], -1); }},
    .batch = batch_as_it_is,
    .follow = keep_all_but_last,
});

Var along(const Op& op, const Var& x, int axis) {
  const char* who = op.name.data();
  check_defined(x, who);
  const int which = x.shape().axis_index(axis, who);
  return move_last_to(apply(op, {move_axis_last(x, which)}), which);
}

}  // namespace

Var softmax(const Var& x, int axis) { return along(softmax_op, x, axis); }
Var log_softmax(const Var& x, int axis) { return along(log_softmax_op, x, axis); }

Var logsumexp(const Var& x, const std::vector<int>& axes, bool keepdims) {
  check_defined(x, "logsumexp");
  const std::vector<int> which = normalize_axes(x.shape(), axes, "logsumexp");
  const Var y = in_context_of("logsumexp", {x},
                              [&] { return apply(logsumexp_op, {join_axes_last(x, which)}); });
  return reshape(y, reduced_shape(x.shape(), which, keepdims));
}

}  // namespace hourglass
