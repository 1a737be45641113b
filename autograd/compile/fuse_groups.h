#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "autograd/compile/fuse_reads.h"
#include "autograd/compile/instruction.h"
#include "tensor/short_vector.h"

namespace hourglass::internal {

// What fuse knows half way: which nodes are one instruction, and when it can run. Internal to fuse.

// Nodes that will be one instruction: one kernel, or a set of elementwise nodes that is one loop.
struct Group {
  ShortVector<Position, 2> nodes;
  std::int64_t columns = 0;  // fixed by the first row or column read
  std::string apart;         // why it is not one with a loop that it reads from
  bool merged_away = false;
  int first_read = kNever;  // the stage at which something outside first reads from it

  static constexpr int kNever = std::numeric_limits<int>::max();
};

struct Groups {
  Groups(const FusedReads& reads, const std::vector<Var>& kept);

  Group& of(Position x) { return all[group_of[x]]; }

  const FusedReads& reads;
  std::vector<bool> stored;  // of each node: must be in memory
  std::vector<bool> late;    // is placed with its reader
  std::vector<int> stage;    // when it is made
  std::vector<std::size_t> group_of;
  std::vector<Group> all;
};

// Stages. Everything outside a loop must come from an earlier stage; nodes of one stage never wait
// for each other unless they are in one loop, so merging groups of one stage cannot make a cycle.
int stage_after_inputs(const Groups& groups, Position x);
void note_reads(Groups& groups, Position x);  // in the groups that the placed node reads from

// Late nodes: those of what is in memory anyway (beta m of a moment m, the mask y > 0 of an
// activation y that a product reads), which could be made at any time. With one reader, a loop, one
// waits for it: placed at once it would be a pass over memory, or a value that is written and read
// again.
std::vector<bool> find_late_nodes(const FusedReads& reads, const std::vector<bool>& stored);
// Places those that x reads and that are ready at its stage there, where a join can take them, or
// before it. The others would keep x waiting: they are placed like any node. Returns x's stage.
int place_late_operands(Groups& groups, Position x, int stage);

// Joins. Whether x could take what it reads from a register of its own loop.
bool joinable(const FusedReads& reads, Position x, const FusedRead& from);
// Puts an elementwise node into one group with those that it reads from, if they are of its stage
// or can wait for it, and agree in columns.
void place(Groups& groups, Position x);
// Makes x and these groups one.
void join(Groups& groups, Position x, const ShortVector<std::size_t>& joined, std::int64_t columns);
// The length of rows that x's reads ask for; false if two of them differ.
bool fix_columns_of(const FusedReads& reads, Position x, std::int64_t& columns);

// Sums. Lets the loop that makes the terms of a sum make the sum, if it can. Column sums read the
// terms back while they are in cache, so those must be stored.
bool end_loop(Groups& groups, Position x);

// Emission: the groups as instructions.
std::vector<Instruction> emit(Groups& groups);

}  // namespace hourglass::internal
