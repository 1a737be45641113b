#include "autograd/simplify/cost.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"

namespace hourglass {
namespace {

enum class Work : std::uint8_t { kMoves, kPerOutput, kPerInput, kMatmul, kConvolution };

Work work_of(const Op& op) {
  if (op.leaf) return Work::kMoves;
  if (op.is_lane()) return Work::kPerOutput;
  constexpr std::array<std::string_view, 12> kMoving = {
      "after", "broadcast_to", "concat", "diagonal",      "eye",  "flip",
      "pad",   "reshape",      "slice",  "stop_gradient", "take", "transpose"};
  if (std::find(kMoving.begin(), kMoving.end(), op.name) != kMoving.end()) return Work::kMoves;
  if (op.name == "matmul") return Work::kMatmul;
  if (op.name.starts_with("conv2d")) return Work::kConvolution;
  return op.name.starts_with("random") ? Work::kPerOutput : Work::kPerInput;
}

double elements(const Var& x) { return static_cast<double>(x.elements()); }

// The inner size of a product: what each output element sums over.
double matmul_inner(const Var& node) {
  const Var& a = node.inputs()[0];
  return static_cast<double>(a.size(node.attributes().flag("transpose_a") ? -2 : -1));
}

// conv2d (x, w), conv2d_input_gradient (g, w) and conv2d_weight_gradient (x, g) run the same loop:
// images [N, C, .., ..] at the small side times the weight [O, C / groups, .., ..] per position.
double convolution_work(const Var& node) {
  const std::string_view name = node.op().name;
  const Var& a = node.inputs()[0];
  const Var& b = node.inputs()[1];
  const Var& weight = name == "conv2d_weight_gradient" ? node : b;
  const Var& small = name == "conv2d" ? node : name == "conv2d_input_gradient" ? a : b;
  return elements(small) * elements(weight) /
         static_cast<double>(std::max<std::int64_t>(1, weight.size(0)));
}

double multiply_adds(const Var& node) {
  switch (work_of(node.op())) {
    case Work::kMoves:
      return 0;
    case Work::kPerOutput:
      return elements(node);
    case Work::kMatmul:
      return elements(node) * matmul_inner(node);
    case Work::kConvolution:
      return convolution_work(node);
    case Work::kPerInput:
      break;
  }
  // A reduction, or an op that we know nothing of: it reads its inputs and writes its output.
  double most = 0;
  for (const Var& input : node.inputs()) most = std::max(most, elements(input));
  return most;
}

}  // namespace

Cost node_cost(const Var& node) {
  return {multiply_adds(node), node.op().leaf ? 0 : elements(node)};
}

Cost graph_cost(const std::vector<Var>& outputs) {
  Cost total;
  for (const Var& node : ancestors(outputs)) {
    const Cost cost = node_cost(node);
    total.multiply_adds += cost.multiply_adds;
    total.largest_buffer = std::max(total.largest_buffer, cost.largest_buffer);
  }
  return total;
}

}  // namespace hourglass
