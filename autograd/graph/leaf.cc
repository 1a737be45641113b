#include <fmt/core.h>

#include <cstring>
#include <utility>

#include "autograd/graph/errors.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

// Leaves are ops without inputs: they are made by make_node, with the type they are given.
const Op& constant_op = define({.name = "constant", .leaf = true});
const Op& input_op = define({.name = "input", .leaf = true});
const Op& parameter_op = define({.name = "parameter", .leaf = true});

Var make_leaf(const Op& op, Tensor tensor) {
  const Var leaf = make_node(op, {}, {}, tensor.shape(), tensor.dtype());
  leaf.node()->tensor = std::make_unique<Tensor>(std::move(tensor));
  return leaf;
}

void check_assigned(const Tensor& tensor, const char* who) {
  if (!tensor.defined())
    throw Error(fmt::format("{}: the tensor is empty: nothing was assigned", who));
}

}  // namespace

Var constant(const Tensor& tensor) {
  check_assigned(tensor, "constant");
  return make_leaf(constant_op, tensor.clone());
}

Var constant(double value, DType dtype) {
  if (!is_real(dtype) && Tensor::scalar(value, dtype).item() != value) {
    throw Error(fmt::format("constant: {} is not exact in {}", value, name_of(dtype)));
  }
  return make_leaf(constant_op, Tensor::scalar(value, dtype));
}

Var input(Shape shape, DType dtype) { return make_node(input_op, {}, {}, std::move(shape), dtype); }

Var parameter(const Tensor& tensor) {
  check_assigned(tensor, "parameter");
  return make_leaf(parameter_op, tensor.clone());
}

bool is_constant(const Var& x) { return &x.op() == &constant_op; }
bool is_input(const Var& x) { return &x.op() == &input_op; }
bool is_parameter(const Var& x) { return &x.op() == &parameter_op; }
bool is_leaf(const Var& x) { return x.op().leaf; }

const Tensor& Var::tensor() const {
  if (!checked().tensor) {
    throw Error(fmt::format("tensor: {} {} is neither a constant nor a parameter: use value()",
                            op().name, to_string(shape())));
  }
  return *node_->tensor;
}

void Var::assign(const Tensor& value) const {
  if (!is_parameter(*this)) {
    throw Error(fmt::format("assign: only a parameter can be assigned: got {} {}", op().name,
                            to_string(shape())));
  }
  if (value.shape() != shape() || value.dtype() != dtype()) {
    throw Error(fmt::format("assign: types differ: parameter {}{}{}, value={}", label(),
                            label().empty() ? "" : "=", type_text(*this), type_text(value)));
  }
  if (node_->writing.exchange(true)) {
    throw Error(fmt::format("assign: parameter {} is being updated by a running program", label()));
  }
  std::memmove(node_->tensor->raw(), value.raw(), value.bytes());  // the value may be its own
  node_->writing = false;
}

}  // namespace hourglass
