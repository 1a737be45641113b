#include "autograd/graph/op.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <deque>
#include <map>
#include <mutex>

#include "autograd/graph/errors.h"
#include "autograd/graph/node.h"
#include "tensor/error.h"

namespace hourglass {

using namespace internal;

namespace {

struct Registry {
  std::mutex mutex;
  std::deque<Op> ops;  // a deque: an op never moves
  std::map<std::string_view, const Op*> by_name;
};

Registry& registry() {
  static Registry instance;
  return instance;
}

TensorType lane_type(const Call& call) {
  const kernels::LaneInfo& info = kernels::lane_info(call.op.lane);
  check_arity(call, info.inputs);
  check_same_dtype(call);
  const DType dtype = call[0].dtype();
  if (dtype != DType::kI32 || !info.integers) check_real(call, 0);
  for (const Var& input : call.inputs) {
    if (input.shape() != call[0].shape()) fail(call, "shapes differ");
  }
  return {call[0].shape(), dtype};
}

// The op's type rule; a result that is no shape (too large) is the op's error, not the shape's.
TensorType type_of(const Call& call) {
  try {
    return call.op.type(call);
  } catch (const Error& error) {
    if (!std::string_view(error.what()).starts_with("shape: ")) throw;
    throw with_context(call.op.name, shapes_of(call.inputs), error);
  }
}

}  // namespace

const Op& define(const Op& op) {
  const bool runs = op.kernel != nullptr || op.is_view;
  if (!op.leaf && !op.is_lane() && (op.type == nullptr || !runs)) {
    throw Error(fmt::format("define: {}: needs a lane, or a type rule and a kernel", op.name));
  }
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  if (r.by_name.count(op.name)) {
    throw Error(fmt::format("define: an op of this name exists already: {}", op.name));
  }
  Op& kept = r.ops.emplace_back(op);
  if (kept.is_lane() && kept.type == nullptr) kept.type = &lane_type;
  if (kept.is_view && kept.kernel == nullptr) kept.kernel = &copy_kernel;
  r.by_name[kept.name] = &kept;
  return kept;
}

std::vector<const Op*> all_ops() {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  std::vector<const Op*> result;
  for (const auto& [name, op] : r.by_name) result.push_back(op);
  return result;
}

const Op* find_op(std::string_view name) {
  Registry& r = registry();
  const std::lock_guard lock(r.mutex);
  const auto found = r.by_name.find(name);
  return found == r.by_name.end() ? nullptr : found->second;
}

Var apply(const Op& op, std::vector<Var> inputs, Attributes attributes) {
  if (op.leaf) {
    throw Error(fmt::format("apply: {} is a leaf: use the function of this name", op.name));
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (!inputs[i].defined()) check_defined(inputs[i], op.name, "argument " + argument_name(i));
  }
  TensorType type = type_of(Call{op, inputs, attributes, Var(), 0});
  return make_node(op, std::move(inputs), std::move(attributes), std::move(type.shape), type.dtype);
}

Var reapply(const Var& node, std::vector<Var> inputs, Attributes attributes) {
  const LabelScope scope(LabelScope::Absolute{node.node()->scope});
  Var result = apply(node.op(), std::move(inputs), std::move(attributes));
  if (!node.label().empty()) result.named(node.label());
  return result;
}

Var reapply(const Var& node, std::vector<Var> inputs) {
  const bool same =
      std::equal(inputs.begin(), inputs.end(), node.inputs().begin(), node.inputs().end(),
                 [](const Var& a, const Var& b) { return a.same(b); });
  if (same) return node;
  return reapply(node, std::move(inputs), node.attributes());
}

Call call_of(const Var& node) { return {node.op(), node.inputs(), node.attributes(), node, 0}; }

int follow_axis(const Var& node, int argument, int axis) {
  if (node.op().is_lane()) return axis;
  return node.op().follow ? node.op().follow(call_of(node), argument, axis) : kMixed;
}

int arity(const Op& op) { return op.is_lane() ? kernels::lane_info(op.lane).inputs : -1; }

void run_kernel(const Op& op, const KernelCall& call) {
  if (op.kernel) {
    op.kernel(call);
    return;
  }
  if (!op.is_lane()) throw Error(fmt::format("{}: the op has no kernel", op.name));
  const void* inputs[kMaxArguments] = {};
  for (std::size_t i = 0; i < call.inputs.size(); ++i) inputs[i] = call.inputs[i].data;
  const std::vector<double> parameters = call.attributes.reals();
  kernels::run_lane(op.lane, call.inputs[0].dtype, {inputs, call.inputs.size()}, call.output.data,
                    call.elements(), parameters.data());
}

void copy_kernel(const KernelCall& call) {
  std::memcpy(call.output.data, call.inputs[0].data,
              static_cast<std::size_t>(call.elements()) * size_of(call.output.dtype));
}

std::string inputs_text(const Call& call) { return shapes_text(shapes_of(call.inputs)); }

void fail(const Call& call, std::string_view what, std::string_view detail) {
  std::string text = fmt::format("{}: {}", call.op.name, what);
  if (!call.inputs.empty()) text += ": " + inputs_text(call);
  if (!detail.empty()) text += fmt::format(": {}", detail);
  throw Error(text);
}

void check_arity(const Call& call, int inputs) {
  if (static_cast<int>(call.inputs.size()) != inputs) {
    fail(call, fmt::format("takes {} inputs", inputs), fmt::format("got {}", call.inputs.size()));
  }
}

void check_real(const Call& call, int argument) {
  const DType dtype = call[argument].dtype();
  if (!is_real(dtype)) fail_not_real(call.op.name, inputs_text(call), dtype);
}

void check_same_dtype(const Call& call) {
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    const DType first = call[0].dtype();
    const DType other = call.inputs[i].dtype();
    if (first == other) continue;
    const std::string name = argument_name(i);
    fail(call, "dtypes differ",
         fmt::format("a is {}, {} is {}: use cast({}, DType::k{}{})", name_of(first), name,
                     name_of(other), name, static_cast<char>(name_of(first)[0] - 'a' + 'A'),
                     name_of(first).substr(1)));
  }
}

TensorType same_as_first(const Call& call) {
  for (std::size_t i = 0; i < call.inputs.size(); ++i) {
    if (call.inputs[i].shape() != call[0].shape()) fail(call, "shapes differ");
    check_real(call, static_cast<int>(i));
  }
  check_same_dtype(call);
  return {call[0].shape(), call[0].dtype()};
}

}  // namespace hourglass
