#pragma once

#include <span>
#include <string>
#include <string_view>

#include "autograd/graph/attributes.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var.h"
#include "nn/onnx/writer.h"

namespace hourglass::internal {

// One node of a graph, as its translation sees it.
struct OnnxCall {
  OnnxWriter& file;
  const Var& node;
  const Attributes& other;        // of the same node for another number of examples
  OnnxNames x;                    // its inputs' values. A lane's may be stretched by ONNX itself
  std::vector<OnnxShape> shapes;  // of its inputs, as the graph has them
  OnnxShape output;

  DType dtype() const { return node.dtype(); }
  // Attributes that must not depend on how many examples there are: Error where they do.
  const std::vector<std::int64_t>& integers(std::string_view name) const;
  std::int64_t integer(std::string_view name) const;
  [[noreturn]] void throw_follows(std::string_view name) const;  // the number of examples
  double real(std::string_view name) const { return node.attributes().real(name); }
  std::string number(double value) const { return file.number(value, dtype()); }
};

// What becomes of an op: one node of the same inputs, of that type, or what a function of the call
// makes of it, the name of the result's value.
struct OnnxOp {
  std::string_view op, type;
  std::string (*translate)(const OnnxCall& call) = nullptr;
};

std::span<const OnnxOp> onnx_ops();        // the table
const OnnxOp* find_onnx_op(const Op& op);  // null where ONNX has no counterpart

std::string onnx_broadcast(const OnnxCall& c);
std::string onnx_sum_to(const OnnxCall& c);
std::string onnx_reshape(const OnnxCall& c);
std::string onnx_slice(const OnnxCall& c);
std::string onnx_pad(const OnnxCall& c);
std::string onnx_flip(const OnnxCall& c);
std::string onnx_scatter_add(const OnnxCall& c);
std::string onnx_scatter_along(const OnnxCall& c);
std::string onnx_matmul(const OnnxCall& c);
std::string onnx_conv(const OnnxCall& c);
std::string onnx_conv_transpose(const OnnxCall& c);
std::string onnx_max_pool_indices(const OnnxCall& c);

}  // namespace hourglass::internal
