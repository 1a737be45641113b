#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "autograd/compile/instruction.h"
#include "autograd/compile/request.h"
#include "autograd/graph/var.h"
#include "autograd/graph/var_map.h"

namespace hourglass::internal {

// Where a node's numbers are while a program runs.
struct Place {
  enum class Kind : std::uint8_t {
    kArena,  // at `offset` bytes of the program's arena
    kLeaf,   // in the storage of a parameter or a constant
    kInput,  // in the tensor fed as input `index`
    kOutput  // in the tensor that output `index` is returned in
  };
  Kind kind = Kind::kArena;
  std::size_t offset = 0;
  std::size_t index = 0;  // of the input or output; of a buffer
  const Node* leaf = nullptr;
};

// What runs, in order, and where everything lies. Nodes that only rename bytes (reshape) share
// their input's place; a loop may write over a read that nobody needs any more.
struct Plan {
  std::vector<Instruction> instructions;
  VarMap<Place> places;
  std::size_t arena_bytes = 0;
  std::size_t output_bytes = 0;  // of what is computed where it is returned, beside the arena
  std::size_t alive_bytes = 0;   // what must be alive at the worst moment: no arena is smaller
  std::size_t worst = 0;         // the instruction at which that is so
  std::vector<Var> largest;      // some of the largest of what is alive then, or is returned
  std::size_t gate = 0;          // the watched values are known once so many instructions have run
};

// A new parameter value is written in place, into the parameter's own storage, where a loop makes
// it that runs after the gate and is the last reader of the old one; an output, where it is
// returned. Throws Error where the arena and the outputs are larger than the limit, in bytes; 0: than
// what the machine has left.
Plan lay_out(std::vector<Instruction> instructions, const Request& request,
             std::size_t memory_limit);
std::string to_string(const Plan& plan);                                  // a line an instruction
std::string to_string(const Plan& plan, const Instruction& instruction);  // that line
std::string memory_text(const Plan& plan);                                // the last line

}  // namespace hourglass::internal
