#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "autograd/graph/var.h"
#include "tensor/kernels.h"

namespace hourglass {

// How a loop over [rows, columns] reads a value: element by element, or one that broadcast_to would
// have spread over the loop.
enum class Pattern : std::uint8_t {
  kFull,    // as many elements as the loop
  kScalar,  // one element for all
  kRow,     // [columns], the same for every row
  kColumn,  // [rows], the same for every column
  kKey      // a key or step of a draw: as it is, whatever its size
};

struct Read {
  Var value;  // a node that has a place of its own in memory
  Pattern pattern = Pattern::kFull;
};

// What a loop does to a tile in one pass: a lane, a cast or a draw of random numbers, or a chain of
// cheap lanes of which only the last one's result is kept.
struct LoopStep {
  std::vector<Var> nodes;                  // of a chain; the last is the result
  std::vector<int> operands;               // registers: a loop's reads, then its steps
  kernels::LaneFunction lane = nullptr;    // nullptr: a cast or a draw, or
  kernels::ChainFunction chain = nullptr;  // these operations, the first on the first two operands,
  std::vector<kernels::ChainOp> ops;
  kernels::AdamFunction adam = nullptr;  // or a whole update of a parameter,
  std::vector<Var> also;                 // which stores both moments beside the result
  bool sum = false;                      // a sum of its operand that ends the loop,
  Pattern to = Pattern::kScalar;         // of all, by rows (kColumn) or by columns (kRow)
};

// A unit of work: the kernel of one node, or a loop of elementwise nodes that passes over memory
// once.
struct Instruction {
  std::vector<Var> nodes;    // in order; one for a kernel
  std::vector<Read> reads;   // for a kernel its inputs in order
  std::vector<Var> outputs;  // the nodes whose values are stored
  bool loop = false;
  std::int64_t elements = 0;  // of a loop
  std::int64_t columns = 0;   // of a loop with row or column reads; else 0
  std::vector<LoopStep> steps;
  std::string apart;  // why a loop is not one with another that it reads from; "" if it reads none
};

// The node whose bytes x's are: ops that only rename bytes (reshape, stop_gradient, after) are
// looked through.
Var storage_of(const Var& x);

// The instructions that compute `kept` from its ancestors `order`, in no particular order (see
// schedule). Elementwise nodes (lanes, casts and draws) over the same elements that feed each other
// become one loop, broadcasts into a loop become reads, and sums of what a loop makes (of all, by
// rows, by columns) are made on the way, in an order that follows from sizes alone.
std::vector<Instruction> fuse(const std::vector<Var>& order, const std::vector<Var>& kept);

// Joins steps of a loop (one a node) whose results nothing else wants into chains that have a
// kernel of their own. No bit changes.
void chain_steps(Instruction& loop);

}  // namespace hourglass
