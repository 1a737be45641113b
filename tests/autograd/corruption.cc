#include "tests/autograd/corruption.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>
#include <optional>

#include "autograd/ops/leading_axis.h"
#include "autograd/ops/ops.h"
#include "autograd/transform/transform.h"
#include "tensor/error.h"
#include "tests/autograd/support.h"

namespace hourglass::testing {

using namespace internal;

namespace {

// The one fault that is live: rules are plain functions, so they find it here.
struct Live {
  Fault fault;
  Op right;
  int argument = 0;
  bool called = false, changed = false;
  bool inside = false;  // an edit is at work, and may differentiate: by the right rule
  std::int64_t calls = 0;
};
std::optional<Live> live;

// What the edit made, or the right thing where it found no place.
Var noted(const Var& right, const Var& wrong) {
  if (!wrong.defined()) return right;
  live->changed = true;
  return wrong;
}

const GraphEdit* graph_edit() {
  for (const GraphEdit& edit : graph_edits()) {
    if (live->fault.kind == edit.kind) return &edit;
  }
  return nullptr;
}

// --- derivatives

Var wrong_derivative(const Call& c, const Var& g) {
  live->called = true;
  const VjpRule rule = live->right.vjp[live->argument].rule;
  if (rule == nullptr) return noted({}, sum(g) * ones_like(c[c.argument]));  // "not zero"
  const Var right = rule(c, g);
  if (!right.defined() || live->inside) return right;
  if (const GraphEdit* edit = graph_edit()) {
    RuleGraph graph{right, {c.inputs.begin(), c.inputs.end()}, live->fault.pick};
    graph.given.insert(graph.given.end(), {g, c.output});
    return noted(right, edit->edit(graph));
  }
  for (const DerivativeEdit& edit : derivative_edits()) {
    if (live->fault.kind != edit.kind) continue;
    live->inside = true;
    const Var wrong = edit.edit({c, g, rule, right});
    live->inside = false;
    return noted(right, wrong);
  }
  return right;
}

// --- batching

Var first_slice(const Var& x) {
  return x.size(0) == 0 ? Var() : reshape(slice(x, 0, {0, 1}), x.shape().without_axis(0));
}

Var wrong_batch(const BatchCall& b) {
  live->called = true;
  const Var right = live->right.batch(b);
  if (const GraphEdit* edit = graph_edit()) {
    return noted(right, edit->edit({right, {b.inputs.begin(), b.inputs.end()}, live->fault.pick}));
  }
  if (right.shape() == b.call.output.shape() || b.size < 2) return right;
  if (live->fault.kind == "unreached") return noted(right, first_slice(right));
  if (live->fault.kind == "first for all") {
    return noted(right, add_leading_axis(first_slice(right), b.size));
  }
  return noted(right, concat({slice(right, 0, {1}), slice(right, 0, {0, 1})}, 0));  // "next"
}

// --- kernels

template <class F>
void for_numbers(const OutputRef& y, F&& f) {
  visit(y.dtype, [&](auto zero) {
    using T = decltype(zero);
    f(y.as<T>(), y.as<T>() + y.shape->elements());
  });
}

void scale(const OutputRef& y, double factor) {
  for_numbers(y, [&](auto* first, auto* last) {
    using T = std::remove_reference_t<decltype(*first)>;
    for (; first != last; ++first) {
      *first = is_real(y.dtype) ? static_cast<T>(*first * factor) : static_cast<T>(*first + 1);
    }
  });
}

void run_with_swapped_inputs(const KernelCall& k) {
  std::vector<ArrayRef> inputs(k.inputs.begin(), k.inputs.end());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    for (std::size_t j = i + 1; j < inputs.size(); ++j) {
      if (*inputs[i].shape != *inputs[j].shape || inputs[i].dtype != inputs[j].dtype) continue;
      std::swap(inputs[i], inputs[j]);
      return run_kernel(live->right, {inputs, k.output, k.attributes});
    }
  }
}

// The last number of one input taken for 0.
void run_without_last(const KernelCall& k) {
  std::vector<ArrayRef> inputs(k.inputs.begin(), k.inputs.end());
  const auto i = static_cast<std::size_t>(live->fault.pick);
  if (i >= inputs.size() || inputs[i].shape->elements() == 0) return;
  const std::size_t size = size_of(inputs[i].dtype);
  std::vector<char> bytes(static_cast<std::size_t>(inputs[i].shape->elements()) * size);
  std::memcpy(bytes.data(), inputs[i].data, bytes.size());
  std::fill(bytes.end() - static_cast<std::ptrdiff_t>(size), bytes.end(), '\0');
  inputs[i].data = bytes.data();
  run_kernel(live->right, {inputs, k.output, k.attributes});
}

void spoil(const KernelCall& k) {
  const std::string& kind = live->fault.kind;
  const bool real = is_real(k.output.dtype);
  if (kind == "sign") {
    for_numbers(k.output, [](auto* first, auto* last) {
      using T = std::remove_reference_t<decltype(*first)>;
      std::transform(first, last, first, [](T x) { return static_cast<T>(-x); });
    });
  } else if (kind == "slight factor") {
    scale(k.output, 1 + 1e-6);
  } else if (kind == "last missing") {
    for_numbers(k.output, [](auto* first, auto* last) {
      std::fill(last - 1, last, 0);
      (void)first;
    });
  } else if (kind == "shifted") {
    for_numbers(k.output, [](auto* first, auto* last) { std::rotate(first, first + 1, last); });
  } else if (kind == "swapped inputs") {
    run_with_swapped_inputs(k);
  } else if (kind == "last of input taken for 0") {
    run_without_last(k);
  } else if (kind == "f32 off by 1e-3") {
    if (k.output.dtype == DType::kF32) scale(k.output, 1.001);
  } else if (real && live->calls++ % 2 == 1) {  // "every other call"
    scale(k.output, 1.001);
  }
}

void wrong_kernel(const KernelCall& k) {
  live->called = true;
  run_kernel(live->right, k);
  const auto size = static_cast<std::size_t>(k.elements()) * size_of(k.output.dtype);
  if (size == 0) return;
  std::vector<char> right(size);
  std::memcpy(right.data(), k.output.data, size);
  spoil(k);
  live->changed = live->changed || std::memcmp(right.data(), k.output.data, size) != 0;
}

// --- types: the kernel goes on computing what it did

Shape rotated(const Shape& shape, int by) {
  std::vector<std::int64_t> sizes(shape.sizes().begin(), shape.sizes().end());
  if (sizes.size() > 1)
    std::rotate(sizes.begin(), by > 0 ? sizes.begin() + 1 : sizes.end() - 1, sizes.end());
  return Shape(sizes);
}

TensorType right_type(const Call& c) {
  return live->right.type({live->right, c.inputs, c.attributes, c.output, c.argument});
}

TensorType wrong_type(const Call& c) {
  live->called = true;
  TensorType type = right_type(c);
  const Shape wrong =
      live->fault.kind == "rotated" ? rotated(type.shape, 1) : type.shape.with_axis(0, 1);
  live->changed = live->changed || wrong != type.shape;
  type.shape = wrong;
  return type;
}

void kernel_of_wrong_type(const KernelCall& k) {
  const Shape& wrong = *k.output.shape;
  const Shape right = live->fault.kind == "rotated" ? rotated(wrong, -1) : wrong.without_axis(0);
  run_kernel(live->right, {k.inputs, {k.output.data, &right, k.output.dtype}, k.attributes});
}

// --- follow

int wrong_follow(const Call& c, int argument, int axis) {
  live->called = true;
  const int right = live->right.follow(c, argument, axis);
  const int rank = c.output.rank();
  int wrong = right;
  if (live->fault.kind == "mixed taken for kept") {
    if (right == kMixed && axis < rank) wrong = axis;
  } else if (right != kMixed) {  // "another axis"
    wrong = (right + 1) % rank;
  }
  live->changed = live->changed || wrong != right;
  return wrong;
}

// --- lanes

// A lane as an op with a kernel, so that the kernel can be spoilt.
void leave_lane(Op& op) {
  if (!op.is_lane()) return;
  op.lane = kernels::Lane::kNone;
  op.type = right_type;
  op.batch = [](const BatchCall& b) {
    std::vector<Var> inputs;
    for (int i = 0; i < static_cast<int>(b.inputs.size()); ++i) inputs.push_back(with_axis(b, i));
    return apply(b.call.op, inputs, b.call.attributes);
  };
  op.follow = [](const Call&, int, int axis) { return axis; };
}

kernels::Lane next_lane(kernels::Lane lane) {
  const kernels::LaneInfo& info = kernels::lane_info(lane);
  const auto count = static_cast<int>(kernels::Lane::kCount);
  for (int i = 1; i < count; ++i) {
    const int other = 1 + (static_cast<int>(lane) - 1 + i) % (count - 1);
    const auto next = static_cast<kernels::Lane>(other);
    const kernels::LaneInfo& other_info = kernels::lane_info(next);
    if (other_info.inputs == info.inputs && other_info.parameters <= info.parameters) return next;
  }
  return lane;
}

void install(Op& op, const Fault& fault) {
  if (fault.part.starts_with("derivative")) {
    live->argument = fault.part.back() - '0';
    op.vjp[live->argument] = Derivative(wrong_derivative);
  } else if (fault.part == "batching") {
    op.batch = wrong_batch;
  } else if (fault.part == "kernel") {
    leave_lane(op);
    op.kernel = wrong_kernel;
  } else if (fault.part == "type") {
    leave_lane(op);
    op.type = wrong_type;
    op.kernel = kernel_of_wrong_type;
  } else if (fault.part == "follow") {
    op.follow = wrong_follow;
  } else {
    op.lane = next_lane(op.lane);
    live->called = live->changed = op.lane != live->right.lane;
  }
}

void add(std::vector<Fault>& faults, const Op& op, const std::string& part,
         std::initializer_list<const char*> kinds) {
  for (const char* kind : kinds) faults.push_back({std::string(op.name), part, kind, 0});
}

void add_edits(std::vector<Fault>& faults, const Op& op, const std::string& part) {
  for (const GraphEdit& edit : graph_edits()) {
    for (int pick = 0; pick < edit.picks; ++pick) {
      faults.push_back({std::string(op.name), part, edit.kind, pick});
    }
  }
}

void add_derivative_faults(std::vector<Fault>& faults, const Op& op) {
  for (int k = 0; k < kMaxArguments; ++k) {
    const std::string part = fmt::format("derivative {}", k);
    if (op.vjp[k].rule != nullptr) {
      add_edits(faults, op, part);
      for (const DerivativeEdit& edit : derivative_edits()) add(faults, op, part, {edit.kind});
    } else if (op.vjp[k].kind == kZero) {
      add(faults, op, part, {"not zero"});
    }
  }
}

}  // namespace

std::string Fault::name() const { return fmt::format("{}, {}, {} {}", op, part, kind, pick); }

std::vector<Fault> all_faults() {
  std::vector<Fault> faults;
  for (const Op* op : all_ops()) {
    if (op->leaf || testing::is_tests_own(op->name)) continue;
    add_derivative_faults(faults, *op);
    if (op->batch) {
      add_edits(faults, *op, "batching");
      add(faults, *op, "batching", {"unreached", "first for all", "next"});
    }
    add(faults, *op, "kernel",
        {"sign", "slight factor", "last missing", "shifted", "swapped inputs", "f32 off by 1e-3",
         "every other call"});
    for (int argument = 0; argument < 3; ++argument) {
      faults.push_back({std::string(op->name), "kernel", "last of input taken for 0", argument});
    }
    add(faults, *op, "type", {"rotated", "extra axis"});
    if (op->follow) add(faults, *op, "follow", {"mixed taken for kept", "another axis"});
    if (op->is_lane()) add(faults, *op, "lane", {"another"});
  }
  return faults;
}

Corruption::Corruption(const Fault& fault) {
  if (live) throw Error("corruption: one at a time");
  Op& op = testing::writable(fault.op);
  live.emplace(Live{fault, op});
  edit_detail().clear();
  install(op, fault);
}

Corruption::~Corruption() {
  testing::writable(live->fault.op) = live->right;
  live.reset();
}

bool Corruption::called() const { return live->called; }
bool Corruption::changed() const { return live->changed; }
std::string Corruption::detail() const { return edit_detail(); }

}  // namespace hourglass::testing
