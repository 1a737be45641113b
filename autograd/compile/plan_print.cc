#include <fmt/core.h>

#include <algorithm>
#include <iterator>

#include "autograd/compile/plan.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/ops/product.h"

namespace hourglass::internal {
namespace {

std::string place_text(const Place& place) {
  switch (place.kind) {
    case Place::Kind::kArena:
      return fmt::format("@{}", place.offset);
    case Place::Kind::kInput:
      return fmt::format("input {}", place.index);
    case Place::Kind::kOutput:
      return fmt::format("output {}", place.index);
    case Place::Kind::kLeaf:
      break;
  }
  return place.leaf->label ? *place.leaf->label : std::string(place.leaf->op->name);
}

std::string pattern_text(Pattern pattern) {
  switch (pattern) {
    case Pattern::kFull:
      return "";
    case Pattern::kScalar:
      return "(scalar)";
    case Pattern::kRow:
      return "(row)";
    case Pattern::kKey:
      return "(key)";
    case Pattern::kColumn:
      break;
  }
  return "(column)";
}

}  // namespace

std::string to_string(const Plan& plan, const Instruction& instruction) {
  // Of a loop the last node that has its shape: sums that end it have less.
  const auto shown = std::find_if(
      std::make_reverse_iterator(instruction.nodes.end()),
      std::make_reverse_iterator(instruction.nodes.begin()),
      [&](const Var& v) { return !instruction.loop || v.elements() == instruction.elements; });
  const Var& last = *shown;
  std::string text = fmt::format("{:<14} {} {:<18}", instruction.loop ? "loop" : last.op().name,
                                 name_of(last.dtype()), to_string(last.shape()));
  for (const Var& output : instruction.outputs) {
    text += " -> " + place_text(plan.places.at(output));
  }
  text += "  from";
  for (const Read& read : instruction.reads) {
    text += " " + place_text(plan.places.at(read.value)) + pattern_text(read.pattern);
  }
  if (instruction.loop) {
    text += "  {";
    for (const LoopStep& step : instruction.steps) {
      if (const auto* update = std::get_if<UpdateStep>(&step.what)) {
        text += " " + std::string(update->update->name);
        continue;
      }
      for (std::size_t i = 0; i < step.nodes.size(); ++i) {
        text += (i ? "+" : " ") + std::string(step.nodes[i].op().name);
      }
    }
    text += " }";
  }
  if (is_matmul(last)) {
    text += fmt::format("  by {}", kernels::name_of(kernels::gemm_route(gemm_of(last))));
  }
  if (!instruction.apart.empty()) text += "  (" + instruction.apart + ")";
  if (!last.scope().empty()) text += "  # " + last.scope();
  return text;
}

std::string memory_text(const Plan& plan) {
  return fmt::format("arena {} bytes, {} alive at line {}\n", plan.arena_bytes, plan.alive_bytes,
                     plan.worst + 1);
}

std::string to_string(const Plan& plan) {
  std::string text;
  for (const Instruction& instruction : plan.instructions) {
    text += to_string(plan, instruction) + "\n";
  }
  return text + memory_text(plan);
}

}  // namespace hourglass::internal
