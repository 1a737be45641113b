#include "nn/onnx/onnx.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstring>

#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "nn/onnx/ops.h"
#include "tensor/error.h"
#include "tensor/files/atomic_file.h"

namespace hourglass::nn {

using namespace internal;

namespace {

// A graph for one number of examples.
struct Traced {
  std::vector<Var> outputs, inputs;
  std::int64_t examples = 1;
};

std::string input_name(const Var& x, std::size_t i) {
  return x.label().empty() ? fmt::format("input_{}", i) : x.label();
}

// An input that is given back has its label as an input.
std::string output_name(const Var& y, std::size_t i) {
  return y.label().empty() || is_input(y) ? fmt::format("output_{}", i) : y.label();
}

[[noreturn]] void throw_differs(const Var& node) {
  const std::string& name = node.label().empty() ? std::string(node.op().name) : node.label();
  throw Error(fmt::format(
      "onnx: the graph is not the same for every number of examples: {} {} differs{}", name,
      to_string(node.shape()), node.scope().empty() ? "" : " in " + node.scope()));
}

bool same_tensor(const Tensor& a, const Tensor& b) {
  return a.shape() == b.shape() && a.dtype() == b.dtype() &&
         std::memcmp(a.raw(), b.raw(), a.bytes()) == 0;
}

// Ahead of a copy of them all.
void check_bytes(const std::vector<Var>& nodes) {
  std::uint64_t bytes = 0;
  for (const Var& node : nodes) {
    if (is_leaf(node) && !is_input(node)) bytes += node.tensor().bytes();
  }
  if (bytes <= kMostOnnxBytes) return;
  throw Error(
      fmt::format("onnx: weights and constants of {} bytes: ONNX files hold at most 2 GiB", bytes));
}

// Walks two graphs that differ in their number of examples alone, node by node.
class OnnxTranslator {
 public:
  OnnxTranslator(const Traced& graph, const Traced& other) : graph_(graph), other_(other) {}

  std::string file(const OnnxMetadata& metadata) {
    for (std::size_t i = 0; i < graph_.inputs.size(); ++i) add_input(i);
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      file_.reserve(output_name(graph_.outputs[i], i));
    }
    const std::vector<Var> order = ancestors(graph_.outputs), others = ancestors(other_.outputs);
    if (order.size() != others.size()) throw_differs(graph_.outputs[0]);
    check_bytes(order);
    for (std::size_t i = 0; i < order.size(); ++i) {
      pairs_[order[i]] = others[i];
      if (names_.contains(order[i])) continue;
      file_.set_scope(order[i].scope());
      names_[order[i]] = is_leaf(order[i]) ? leaf(order[i]) : translated(order[i]);
    }
    file_.set_scope("");
    for (std::size_t i = 0; i < graph_.outputs.size(); ++i) {
      const Var& y = graph_.outputs[i];
      file_.output(output_name(y, i), names_.at(y), y.dtype(), shape_of(y));
    }
    return file_.file(metadata);
  }

 private:
  void add_input(std::size_t i) {
    const Var& x = graph_.inputs[i];
    if (!is_input(x))
      throw Error(fmt::format("onnx: only an input can be one: got {}", x.op().name));
    pairs_[x] = other_.inputs[i];
    names_[x] = input_name(x, i);
    file_.reserve(names_.at(x));
    file_.input(names_.at(x), x.dtype(), shape_of(x));
  }

  // A size that differs is so many times the number of examples.
  OnnxShape shape_of(const Var& x) const {
    const Var& y = pairs_.at(x);
    if (x.rank() != y.rank()) throw_differs(x);
    OnnxShape shape;
    for (int i = 0; i < x.rank(); ++i) {
      const std::int64_t a = x.size(i), b = y.size(i);
      if (a == b) {
        shape.push_back({a, false});
      } else if (a % graph_.examples == 0 && a / graph_.examples * other_.examples == b) {
        shape.push_back({a / graph_.examples, true});
      } else {
        throw_differs(x);
      }
    }
    return shape;
  }

  std::string leaf(const Var& x) {
    if (is_input(x)) {
      throw Error(fmt::format("onnx: an input of the graph is not listed: {}{}", x.label(),
                              to_string(x.shape())));
    }
    const Var& y = pairs_.at(x);
    if (!x.same(y) && (is_input(y) || !is_leaf(y) || !same_tensor(x.tensor(), y.tensor()))) {
      throw_differs(x);
    }
    return file_.constant(x.tensor(), x.label());
  }

  std::string translated(const Var& x) {
    const Var& y = pairs_.at(x);
    if (&x.op() != &y.op() || x.dtype() != y.dtype()) throw_differs(x);
    const OnnxOp* op = find_onnx_op(x.op());
    if (op == nullptr) {
      throw Error(fmt::format("onnx: ONNX has no counterpart for {}{}", x.op().name,
                              x.scope().empty() ? "" : " (in " + x.scope() + ")"));
    }
    OnnxCall call{file_, x, y.attributes(), {}, {}, shape_of(x)};
    for (std::size_t i = 0; i < x.inputs().size(); ++i) {
      const Var& input = x.inputs()[i];
      if (!pairs_.at(input).same(y.inputs()[i])) throw_differs(x);
      call.x.push_back(names_.at(stretched_by_reader(x, i) ? input.inputs()[0] : input));
      call.shapes.push_back(shape_of(input));
    }
    return op->translate != nullptr ? op->translate(call) : file_.node(op->type, call.x);
  }

  // An elementwise node stretches its inputs itself, as long as one of them has the whole size.
  static bool stretched_by_reader(const Var& x, std::size_t i) {
    const auto stretched = [](const Var& input) {
      const OnnxOp* op = find_onnx_op(input.op());
      return op != nullptr && op->translate == onnx_broadcast;
    };
    const std::vector<Var>& inputs = x.inputs();
    return x.op().is_lane() && stretched(inputs[i]) &&
           !std::all_of(inputs.begin(), inputs.end(), stretched);
  }

  const Traced& graph_;
  const Traced& other_;
  OnnxWriter file_;
  VarMap<Var> pairs_;          // of the other graph
  VarMap<std::string> names_;  // of values
};

Traced traced(const std::function<std::vector<Var>(const std::vector<Var>&)>& f,
              const std::vector<OnnxInput>& inputs, std::int64_t examples) {
  Traced graph;
  graph.examples = examples;
  for (const OnnxInput& x : inputs) {
    graph.inputs.push_back(input(x.example.with_axis(0, examples), x.dtype).named(x.name));
  }
  graph.outputs = f(graph.inputs);
  return graph;
}

}  // namespace

std::string onnx(const std::vector<Var>& outputs, const std::vector<Var>& inputs,
                 const OnnxMetadata& metadata) {
  const Traced graph{outputs, inputs, 1};
  return OnnxTranslator(graph, graph).file(metadata);
}

std::string onnx(const std::function<std::vector<Var>(const std::vector<Var>&)>& f,
                 const std::vector<OnnxInput>& inputs, const OnnxMetadata& metadata) {
  // More than one: of a single example nothing is stretched.
  const Traced graph = traced(f, inputs, 2), other = traced(f, inputs, 3);
  return OnnxTranslator(graph, other).file(metadata);
}

void write_onnx(const std::string& path, const std::string& bytes) {
  write_text(path, bytes, "write_onnx");
}

}  // namespace hourglass::nn
