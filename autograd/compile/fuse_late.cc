#include <algorithm>

#include "autograd/compile/fuse_groups.h"

namespace hourglass::internal {
namespace {

struct Uses {
  std::vector<int> count;
  std::vector<bool> by_kernels;
};

Uses uses_of(const FusedReads& reads) {
  Uses uses{std::vector<int>(reads.size()), std::vector<bool>(reads.size())};
  for (Position x = 0; x < reads.size(); ++x) {
    for (const Position input : reads.inputs(x)) {
      ++uses.count[reads.storage(input)];
      if (reads.is(x, Role::kKernel)) uses.by_kernels[reads.storage(input)] = true;
    }
  }
  return uses;
}

}  // namespace

std::vector<bool> find_late_nodes(const FusedReads& reads, const std::vector<bool>& stored) {
  const Uses uses = uses_of(reads);
  const auto is_made_of_memory = [&](Position x) {
    bool memory = true;
    reads.for_dependencies(x, [&](Position v) {
      memory = memory && (reads.is(v, Role::kLeaf) || uses.by_kernels[v]);
    });
    return memory;
  };
  std::vector<bool> late(reads.size());
  for (Position x = 0; x < reads.size(); ++x) {
    if (!reads.is(x, Role::kElement)) continue;
    for (const Position input : reads.inputs(x)) {
      const FusedRead from = reads.read(x, input);
      if (uses.count[from.value] == 1 && !stored[from.value] && !reads.ordered(input) &&
          joinable(reads, x, from) && is_made_of_memory(from.value)) {
        late[from.value] = true;
      }
    }
  }
  return late;
}

int place_late_operands(Groups& groups, Position x, int stage) {
  for (const Position input : groups.reads.inputs(x)) {
    const Position value = groups.reads.read(x, input).value;
    if (!groups.late[value]) continue;
    if (stage_after_inputs(groups, value) > stage) {
      groups.late[value] = false;
      place(groups, value);
      stage = std::max(stage, groups.stage[value]);
    } else {
      std::int64_t columns = 0;
      fix_columns_of(groups.reads, value, columns);
      groups.stage[value] = stage;
      join(groups, value, {}, columns);
    }
    note_reads(groups, value);
  }
  return stage;
}

}  // namespace hourglass::internal
