#include "autograd/graph/node.h"

#include "tensor/error.h"

namespace hourglass {
namespace {

std::atomic<std::uint64_t> next_id{1};

std::shared_ptr<const std::string>& current_scope() {
  thread_local std::shared_ptr<const std::string> scope;
  return scope;
}

const std::string kNoText;

bool release(Node* node) { return node->references.fetch_sub(1, std::memory_order_acq_rel) == 1; }

}  // namespace

Var make_node(const Op& op, std::vector<Var> inputs, Attributes attributes, Shape shape,
              DType dtype) {
  auto node = std::make_unique<Node>();
  node->op = &op;
  node->inputs = std::move(inputs);
  node->attributes = std::move(attributes);
  node->shape = std::move(shape);
  node->dtype = dtype;
  node->scope = current_scope();
  node->id = next_id.fetch_add(1, std::memory_order_relaxed);
  return Var(node.release());
}

Var::Var(Node* node) : node_(node), id_(node->id) {}

Var::Var(const Var& other) : node_(other.node_), id_(other.id_) {
  if (node_) node_->references.fetch_add(1, std::memory_order_relaxed);
}

// A chain of a million nodes must not be a million nested destructors: the nodes whose last
// reference goes wait on a list that runs through them, so that freeing allocates nothing.
void Var::drop() {
  if (!release(node_)) return;
  Node* dead = node_;
  while (dead) {
    const std::unique_ptr<Node> node(dead);
    dead = node->next_dead;
    for (Var& input : node->inputs) {
      Node* next = std::exchange(input.node_, nullptr);
      if (next && release(next)) next->next_dead = std::exchange(dead, next);
    }
  }
}

void Var::fail_empty() { throw Error("var: an empty Var was used: nothing was assigned to it"); }

const Shape& Var::shape() const { return checked().shape; }
DType Var::dtype() const { return checked().dtype; }
const Op& Var::op() const { return *checked().op; }
const std::vector<Var>& Var::inputs() const { return checked().inputs; }
const Attributes& Var::attributes() const { return checked().attributes; }
const std::string& Var::label() const { return checked().label ? *node_->label : kNoText; }
const std::string& Var::scope() const { return checked().scope ? *node_->scope : kNoText; }

const Var& Var::named(std::string label) const {
  checked().label = label.empty() ? nullptr : std::make_unique<const std::string>(std::move(label));
  return *this;
}

LabelScope::LabelScope(std::string_view name) : before_(current_scope()) {
  const std::string prefix = before_ ? *before_ + "." : "";
  current_scope() = std::make_shared<const std::string>(prefix + std::string(name));
}
LabelScope::LabelScope(Absolute scope)
    : before_(std::exchange(current_scope(), std::move(scope.name))) {}
const std::string& LabelScope::current() { return current_scope() ? *current_scope() : kNoText; }
LabelScope::~LabelScope() { current_scope() = std::move(before_); }

}  // namespace hourglass
