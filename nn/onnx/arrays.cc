#include <algorithm>
#include <limits>
#include <numeric>

#include "nn/onnx/ops.h"

// The ops that move, gather and multiply arrays.

namespace hourglass::internal {
namespace {

using Integers = std::vector<std::int64_t>;
constexpr std::int64_t kLastAxis = -1;

std::string reshaped(const OnnxCall& c, const std::string& x, const OnnxShape& shape) {
  const auto open = [](const OnnxSize& size) { return size.open; };
  const auto empty = [](const OnnxSize& size) { return size.number == 0; };
  std::vector<OnnxAttribute> attributes;
  if (std::any_of(shape.begin(), shape.end(), empty)) {
    attributes.emplace_back("allowzero", std::int64_t{1});
  } else if (std::count_if(shape.begin(), shape.end(), open) == 1) {
    Integers sizes;
    for (const OnnxSize& size : shape) sizes.push_back(size.open ? -1 : size.number);
    return c.file.node("Reshape", {x, c.file.integers(sizes)});
  }
  return c.file.node("Reshape", {x, c.file.shape(shape)}, attributes);
}

std::string sliced(const OnnxCall& c, const std::string& x, const Integers& axes,
                   const Integers& start, const Integers& stop, const Integers& step) {
  OnnxWriter& f = c.file;
  return f.node("Slice",
                {x, f.integers(start), f.integers(stop), f.integers(axes), f.integers(step)});
}

std::string zeros(const OnnxCall& c) {
  return c.file.node("Expand", {c.number(0), c.file.shape(c.output)});
}

// Zeros between the elements of an axis: an axis of size 1 behind it is padded and joined to it.
std::string spread(const OnnxCall& c, const std::string& x, std::size_t axis, std::int64_t between,
                   OnnxShape& shape) {
  OnnxWriter& f = c.file;
  const auto behind = static_cast<std::int64_t>(axis) + 1;
  Integers pads(2 * (shape.size() + 1), 0);
  pads[shape.size() + 1 + axis + 1] = between;
  const std::string apart = f.node("Unsqueeze", {x, f.integers({behind})});
  const std::string padded = f.node("Pad", {apart, f.integers(pads), c.number(0)});
  shape[axis].number *= between + 1;
  const std::string joined = reshaped(c, padded, shape);
  shape[axis].number -= between;
  return sliced(c, joined, {behind - 1}, {0}, {-between}, {1});
}

// Strides, dilations and groups; our padding is top, bottom, left, right, ONNX's top, left, bottom, right.
std::vector<OnnxAttribute> window_attributes(const OnnxCall& c) {
  const Integers& p = c.integers("padding");
  return {{"strides", c.integers("stride")},
          {"dilations", c.integers("dilation")},
          {"pads", Integers{p[0], p[2], p[1], p[3]}}};
}

}  // namespace

// Where the reader stretches by itself nothing reads this.
std::string onnx_broadcast(const OnnxCall& c) {
  return c.file.node("Expand", {c.x[0], c.file.shape(c.output)});
}

std::string onnx_reshape(const OnnxCall& c) { return reshaped(c, c.x[0], c.output); }

std::string onnx_sum_to(const OnnxCall& c) {
  OnnxWriter& f = c.file;
  const OnnxShape& from = c.shapes[0];
  const std::size_t missing = from.size() - c.output.size();
  Integers summed, gone(missing);
  std::iota(gone.begin(), gone.end(), 0);
  for (std::size_t i = 0; i < from.size(); ++i) {
    const OnnxSize one{1};
    if (from[i] != (i < missing ? one : c.output[i - missing])) {
      summed.push_back(static_cast<std::int64_t>(i));
    }
  }
  std::string y = c.x[0];
  if (!summed.empty()) {
    y = f.node("ReduceSum", {y, f.integers(summed)}, {{"keepdims", std::int64_t{1}}});
  }
  return gone.empty() ? y : f.node("Squeeze", {y, f.integers(gone)});
}

// Axes that stay whole are left alone, whatever their size is.
std::string onnx_slice(const OnnxCall& c) {
  Integers axes, from[3];
  constexpr const char* kNames[] = {"start", "stop", "step"};
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const auto at = [&](std::size_t k) { return c.node.attributes().integers(kNames[k])[i]; };
    if (at(0) == 0 && at(2) == 1 && c.output[i] == c.shapes[0][i]) continue;
    axes.push_back(static_cast<std::int64_t>(i));
    for (std::size_t k = 0; k < 3; ++k) {
      if (at(k) != c.other.integers(kNames[k])[i]) c.throw_follows(kNames[k]);
      from[k].push_back(at(k));
    }
  }
  return axes.empty() ? c.x[0] : sliced(c, c.x[0], axes, from[0], from[1], from[2]);
}

std::string onnx_pad(const OnnxCall& c) {
  const Integers &before = c.integers("before"), &after = c.integers("after"),
                 &between = c.integers("between");
  std::string y = c.x[0];
  OnnxShape shape = c.shapes[0];
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (between[i] > 0 && shape[i].number > 0) y = spread(c, y, i, between[i], shape);
  }
  Integers pads = before;
  pads.insert(pads.end(), after.begin(), after.end());
  return c.file.node("Pad", {y, c.file.integers(pads), c.number(0)});
}

std::string onnx_flip(const OnnxCall& c) {
  const Integers& axes = c.integers("axes");
  const Integers from(axes.size(), -1), step(axes.size(), -1),
      to(axes.size(), std::numeric_limits<std::int64_t>::min());
  return sliced(c, c.x[0], axes, from, to, step);
}

// x [outer.., k.., inner..], its axes k joined into one; each of their indices is repeated along the
// others.
std::string onnx_scatter_add(const OnnxCall& c) {
  OnnxWriter& f = c.file;
  const auto axis = static_cast<std::size_t>(c.integer("axis"));
  OnnxShape joined = c.output, indices(c.output.size(), OnnxSize{1});
  joined[axis] = {1};
  for (const OnnxSize& size : c.shapes[1]) {
    joined[axis].number *= size.number;
    joined[axis].open |= size.open;
  }
  indices[axis] = joined[axis];
  const std::string places = f.node("Expand", {reshaped(c, c.x[1], indices), f.shape(joined)});
  return f.node("ScatterElements", {zeros(c), places, reshaped(c, c.x[0], joined)},
                {{"axis", c.integer("axis")}, {"reduction", "add"}});
}

std::string onnx_scatter_along(const OnnxCall& c) {
  return c.file.node("ScatterElements", {zeros(c), c.x[1], c.x[0]},
                     {{"axis", kLastAxis}, {"reduction", "add"}});
}

std::string onnx_matmul(const OnnxCall& c) {
  const bool flags[] = {c.node.attributes().flag("transpose_a"),
                        c.node.attributes().flag("transpose_b")};
  if (c.shapes[0].size() == 2 && c.shapes[1].size() == 2) {
    return c.file.node("Gemm", c.x,
                       {{"transA", std::int64_t{flags[0]}}, {"transB", std::int64_t{flags[1]}}});
  }
  OnnxNames operands = c.x;
  for (std::size_t i : {0u, 1u}) {
    if (!flags[i]) continue;
    Integers order(c.shapes[i].size());
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[order.size() - 1], order[order.size() - 2]);
    operands[i] = c.file.node("Transpose", {c.x[i]}, {{"perm", order}});
  }
  return c.file.node("MatMul", operands);
}

std::string onnx_conv(const OnnxCall& c) {
  std::vector<OnnxAttribute> attributes = window_attributes(c);
  attributes.emplace_back("group", c.integer("groups"));
  return c.file.node("Conv", c.x, attributes);
}

std::string onnx_conv_transpose(const OnnxCall& c) {
  const Integers &stride = c.integers("stride"), &dilation = c.integers("dilation"),
                 &padding = c.integers("padding"), &image = c.integers("image");
  Integers beyond;  // which of the images that conv2d maps to this size is meant
  for (std::size_t k : {0u, 1u}) {
    const std::int64_t reach = dilation[k] * (c.shapes[1][k + 2].number - 1) + 1;
    const std::int64_t least = (c.shapes[0][k + 2].number - 1) * stride[k] + reach;
    beyond.push_back(image[k] - (least - padding[2 * k] - padding[2 * k + 1]));
  }
  std::vector<OnnxAttribute> attributes = window_attributes(c);
  attributes.emplace_back("group", c.integer("groups"));
  attributes.emplace_back("output_padding", beyond);
  return c.file.node("ConvTranspose", c.x, attributes);
}

// ONNX counts through the whole array, we in each plane.
std::string onnx_max_pool_indices(const OnnxCall& c) {
  std::vector<OnnxAttribute> attributes = window_attributes(c);
  attributes.emplace_back("kernel_shape", c.integers("kernel"));
  const std::string places = c.file.node("MaxPool", c.x, attributes, 1);
  const std::int64_t plane = c.shapes[0][2].number * c.shapes[0][3].number;
  return c.file.cast(c.file.node("Mod", {places, c.file.integers({plane})}), OnnxType::kI32);
}

}  // namespace hourglass::internal
