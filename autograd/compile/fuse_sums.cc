#include "autograd/compile/fuse_groups.h"

namespace hourglass::internal {

bool end_loop(Groups& groups, Position x) {
  const FusedReads& reads = groups.reads;
  const Position input = reads.inputs(x)[0], terms = reads.storage(input);
  const Var &sum = reads.node(x), &summed = reads.node(input);
  if (!reads.is(terms, Role::kElement) || groups.late[terms] || reads.ordered(input) ||
      sum.elements() == 0 || sum.elements() == summed.elements()) {
    return false;
  }
  const Spread spread = spread_between(sum.shape(), summed.shape());
  Group& group = groups.of(terms);
  if (!spread.possible || spread.again || !fix_columns(group.columns, spread.columns)) return false;
  if (spread.pattern == Pattern::kRow) groups.stored[terms] = true;
  groups.stored[x] = true;
  group.nodes.push_back(x);
  groups.group_of[x] = groups.group_of[terms];
  groups.stage[x] = groups.stage[terms];
  return true;
}

}  // namespace hourglass::internal
