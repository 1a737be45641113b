#include "autograd/compile/fuse.h"

#include <algorithm>

#include "autograd/compile/chain.h"
#include "autograd/compile/fuse_groups.h"

namespace hourglass::internal {

Groups::Groups(const FusedReads& reads, const std::vector<Var>& kept)
    : reads(reads),
      stored(reads.size()),
      stage(reads.size(), 0),
      group_of(reads.size(), static_cast<std::size_t>(-1)) {
  for (const Var& k : kept) stored[reads.storage(reads.position(k))] = true;
  late = find_late_nodes(reads, stored);
}

int stage_after_inputs(const Groups& groups, Position x) {
  int stage = 0;
  groups.reads.for_dependencies(x, [&](Position v) {
    while (groups.reads.is(v, Role::kOnTheWay)) v = groups.reads.storage(groups.reads.inputs(v)[0]);
    if (!groups.reads.is(v, Role::kLeaf)) stage = std::max(stage, groups.stage[v] + 1);
  });
  return stage;
}

void note_reads(Groups& groups, Position x) {
  groups.reads.for_dependencies(x, [&](Position v) {
    if (groups.reads.is(v, Role::kLeaf) || groups.group_of[v] == groups.group_of[x]) return;
    int& first_read = groups.of(v).first_read;
    first_read = std::min(first_read, groups.stage[x]);
  });
}

std::vector<Instruction> fuse(const std::vector<Var>& kept) {
  const FusedReads reads(kept);
  Groups groups(reads, kept);
  for (Position x = 0; x < reads.size(); ++x) {
    const Role role = reads.role(x);
    if (role == Role::kLeaf || role == Role::kName || role == Role::kOnTheWay || groups.late[x]) {
      continue;
    }
    if (role == Role::kElement) {
      place(groups, x);
    } else if (role == Role::kKernel || !end_loop(groups, x)) {
      groups.stage[x] = stage_after_inputs(groups, x);
      join(groups, x, {}, 0);
    }
    note_reads(groups, x);
  }
  std::vector<Instruction> instructions = emit(groups);
  for (Instruction& instruction : instructions) {
    if (instruction.loop) chain_steps(instruction);
  }
  return instructions;
}

}  // namespace hourglass::internal
