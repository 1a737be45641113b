#include "nn/layers/pool.h"

#include <fmt/core.h>

#include "autograd/graph/errors.h"
#include "autograd/ops/ops.h"
#include "nn/layers/check_input.h"
#include "tensor/error.h"

namespace hourglass::nn {

using namespace internal;

namespace {

PoolOptions across(const Pool1dOptions& o) {
  return {.kernel = {1, o.kernel},
          .stride = {1, o.stride},
          .padding = {0, 0, o.padding[0], o.padding[1]},
          .dilation = {1, o.dilation}};
}

// x [B, C, L] as images of one line, which f pools, and back.
template <class F>
Var of_lines(const char* who, const Var& x, F f) {
  check_axes(who, x, "B, C, L");
  return squeeze(in_context_of(who, {x}, [&] { return f(expand_dims(x, 2)); }), {2});
}

// Ahead of x's axes behind the channels becoming so many times as long.
void check_times(const char* who, const Var& x, std::int64_t times) {
  if (times < 1) throw Error(fmt::format("{}: times must be at least 1: got {}", who, times));
  Sizes sizes = x.shape().sizes();
  sizes.insert(sizes.end(), sizes.size() - 2, times);
  checked_shape(sizes, who, {x.shape()});
}

}  // namespace

Var MaxPool1d::operator()(const Var& x) const {
  return of_lines("max_pool1d", x,
                  [&](const Var& lines) { return max_pool2d(lines, across(options)).values; });
}

Var MaxPool2d::operator()(const Var& x) const {
  check_axes("max_pool2d", x, "B, C, H, W");
  return max_pool2d(x, options).values;
}

Var AvgPool1d::operator()(const Var& x) const {
  return of_lines("avg_pool1d", x,
                  [&](const Var& lines) { return avg_pool2d(lines, across(options)); });
}

Var AvgPool2d::operator()(const Var& x) const {
  check_axes("avg_pool2d", x, "B, C, H, W");
  return avg_pool2d(x, options);
}

Var UpsampleNearest1d::operator()(const Var& x) const {
  check_axes("upsample_nearest1d", x, "B, C, L");
  check_times("upsample_nearest1d", x, times);
  const Var spread = broadcast_to(expand_dims(x, 3), x.shape().with_axis(3, times));
  return reshape(spread, Shape{x.size(0), x.size(1), x.size(2) * times});
}

Var UpsampleNearest2d::operator()(const Var& x) const {
  check_axes("upsample_nearest2d", x, "B, C, H, W");
  return upsample_nearest2d(x, times);
}

Var UpsampleBilinear2d::operator()(const Var& x) const {
  check_axes("upsample_bilinear2d", x, "B, C, H, W");
  check_times("upsample_bilinear2d", x, times);
  return upsample_bilinear2d(x, {x.size(2) * times, x.size(3) * times});
}

}  // namespace hourglass::nn
