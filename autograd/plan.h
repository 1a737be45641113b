#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "autograd/var.h"

namespace hourglass {

// Where a node's numbers are while a program runs.
struct Place {
  enum class Kind : std::uint8_t {
    kArena,      // at `offset` bytes of the program's arena
    kParameter,  // in the leaf's own storage (constants too)
    kInput       // in the tensor fed as input `index`
  };
  Kind kind = Kind::kArena;
  std::size_t offset = 0;
  std::size_t index = 0;
  const Node* leaf = nullptr;
};

// What runs, in order, and where everything lies. Nodes that only rename bytes (reshape) take no
// place of their own; an elementwise op may write over an input that nobody reads any more.
struct Plan {
  std::vector<Var> instructions;
  std::unordered_map<const Node*, Place> places;
  std::size_t arena_bytes = 0;
};

// `kept` are read after the last instruction: outputs, new parameter values, watched scalars.
Plan make_plan(const std::vector<Var>& kept, const std::vector<Var>& inputs);
std::string to_string(const Plan& plan);

}  // namespace hourglass
