#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/dtype.h"
#include "tensor/shape.h"
#include "tensor/tensor.h"

namespace hourglass {

struct Op;
struct Node;
class Attributes;

// A value in a graph: a handle to an immutable node, which is an op, its inputs, its attributes,
// its shape and its dtype. Calling an op records a node and checks shapes there and then; no number
// is computed until somebody asks (value, evaluate, compile). Handles are cheap to copy; a graph
// lives as long as a handle to it does. Var() is no value at all: defined() is false, and asking it
// for anything else throws Error.
class Var {
 public:
  Var() = default;
  Var(const Var& other);
  Var(Var&& other) noexcept : node_(std::exchange(other.node_, nullptr)), id_(other.id_) {}
  Var& operator=(Var other) noexcept {
    std::swap(node_, other.node_);
    std::swap(id_, other.id_);
    return *this;
  }
  ~Var() {
    if (node_ != nullptr) drop();
  }

  bool defined() const { return node_ != nullptr; }
  const Shape& shape() const;
  DType dtype() const;
  int rank() const { return shape().rank(); }
  std::int64_t size(int axis) const { return shape()[axis]; }
  std::int64_t elements() const { return shape().elements(); }

  const Op& op() const;
  const std::vector<Var>& inputs() const;
  const Attributes& attributes() const;

  // Grows with every node that is made; inputs have smaller ids, so the order of ids is
  // topological.
  std::uint64_t id() const {
    checked();
    return id_;
  }
  bool same(const Var& other) const { return node_ == other.node_; }

  // The number(s): runs the graph through the reference interpreter, one kernel a node.
  Tensor value() const;

  // A name for messages and printed graphs ("loss", "encoder.0.weight"); the same Var is returned,
  // so that `Var loss = mse(y, x).named("loss")` reads well. Naming does not change what is
  // computed.
  const Var& named(std::string label) const;
  const std::string& label() const;

  // The LabelScopes that were open when the node was made: "encoder.0".
  const std::string& scope() const;

  // A parameter's or a constant's numbers, without running anything; Error for other nodes.
  const Tensor& tensor() const;
  // Replaces a parameter's numbers (same shape and dtype, else Error). Throws Error while a program
  // that updates the parameter is running.
  void assign(const Tensor& value) const;

  Node* node() const { return node_; }

 private:
  friend Var make_node(const Op&, std::vector<Var>, Attributes, Shape, DType);
  explicit Var(Node* node);  // takes over one reference
  void drop();
  Node& checked() const {
    if (node_ == nullptr) fail_empty();
    return *node_;
  }
  [[noreturn]] static void fail_empty();

  Node* node_ = nullptr;
  std::uint64_t id_ = 0;  // the node's, which walks ask for more often than for anything in it
};

// Nodes made on this thread while a LabelScope lives carry its name, inner scopes after outer ones
// with a dot between: printed graphs fold by it, and a traced NaN names it.
class LabelScope {
 public:
  explicit LabelScope(std::string_view name);
  ~LabelScope();
  LabelScope(const LabelScope&) = delete;
  LabelScope& operator=(const LabelScope&) = delete;

  // A scope that stands for an existing one as a whole: what is derived from a node belongs where
  // it does.
  struct Absolute {
    std::shared_ptr<const std::string> name;
  };
  explicit LabelScope(Absolute scope);

  static const std::string& current();  // "encoder.0"; "" outside of any

 private:
  std::shared_ptr<const std::string> before_;
};

// Leaves. A constant and a parameter copy the tensor, so that later writes to it cannot change a
// graph.
Var constant(const Tensor& tensor);
Var constant(double value,
             DType dtype = DType::kF32);            // a scalar; must be exact in an integer dtype
Var input(Shape shape, DType dtype = DType::kF32);  // fed at each run
Var parameter(const Tensor& tensor);                // storage of its own, changed by updates

bool is_constant(const Var& x);
bool is_input(const Var& x);
bool is_parameter(const Var& x);
bool is_leaf(const Var& x);  // any of the three

}  // namespace hourglass
