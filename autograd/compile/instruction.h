#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "autograd/graph/var.h"
#include "tensor/kernels.h"
#include "tensor/short_vector.h"

namespace hourglass::internal {

// How a loop over [rows, columns] reads a value: element by element, or one that broadcast_to would
// have spread over the loop.
enum class Pattern : std::uint8_t {
  kFull,    // as many elements as the loop
  kScalar,  // one element for all
  kRow,     // [columns], the same for every row
  kColumn,  // [rows], the same for every column; where there are more rows, again from the first
  kKey      // a key or step of a draw: as it is, whatever its size
};

struct Read {
  Var value;  // a node that has a place of its own in memory
  Pattern pattern = Pattern::kFull;
};

// What a loop does to a tile in one pass. In a chain only the last lane's result is kept.
struct LaneStep {
  kernels::LaneFunction run = nullptr;
};
struct ChainStep {  // cheap lanes, of the operands that its links name
  std::vector<kernels::ChainLink> links;
};
struct CastStep {};
struct DrawStep {};               // of random numbers
struct SumStep {                  // of its operand; ends the loop
  Pattern to = Pattern::kScalar;  // of all, by rows (kColumn) or by columns (kRow)
};
struct UpdateStep {  // of several results
  const kernels::FusedUpdate* update = nullptr;
};

// Registers are a loop's reads, then its nodes: a step takes some and gives others.
using Registers = ShortVector<int, 4>;
struct LoopStep {
  std::variant<LaneStep, ChainStep, CastStep, DrawStep, SumStep, UpdateStep> what;
  Registers operands, results;
  ShortVector<Var, 1> nodes;  // all that it computes, in order
};

// A unit of work: the kernel of one node, or a loop of elementwise nodes that passes over memory
// once.
struct Instruction {
  ShortVector<Var, 1> nodes;    // in order; one for a kernel
  ShortVector<Read, 2> reads;   // for a kernel its inputs in order
  ShortVector<Var, 1> outputs;  // the nodes whose values are stored, in order
  bool loop = false;
  std::int64_t elements = 0;  // of a loop
  std::int64_t columns = 0;   // of a loop with row or column reads; else 0
  std::vector<LoopStep> steps;
  std::string apart;  // why a loop is not one with another that it reads from; "" if it reads none

  const Var& node_of(int result) const {  // that a register of no read holds
    return nodes[static_cast<std::size_t>(result) - reads.size()];
  }
};

}  // namespace hourglass::internal
