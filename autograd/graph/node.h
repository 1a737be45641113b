#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "autograd/graph/attributes.h"
#include "autograd/graph/var.h"

namespace hourglass {

// What a Var points to. Everything but the reference count, the label and a parameter's numbers is
// fixed when the node is made. Internal: programs use Var.
struct Node {
  // What every pass asks for, together: where graphs are large, to look at a node is to wait for it.
  const Op* op = nullptr;
  std::vector<Var> inputs;
  Shape shape;
  std::atomic<std::uint32_t> references{1};
  DType dtype = DType::kF32;

  std::atomic<bool> writing{false};  // a parameter that a running program updates
  Attributes attributes;
  std::uint64_t id = 0;
  std::unique_ptr<Tensor> tensor;            // of a constant or a parameter
  std::unique_ptr<const std::string> label;  // null where there is none
  std::shared_ptr<const std::string> scope;  // null outside of any scope
  Node* next_dead = nullptr;                 // while it waits to be freed
};

Var make_node(const Op& op, std::vector<Var> inputs, Attributes attributes, Shape shape,
              DType dtype);

}  // namespace hourglass
