#include <fmt/core.h>

#include <algorithm>

#include "autograd/compile/fuse_groups.h"
#include "autograd/graph/op.h"

namespace hourglass::internal {
namespace {

constexpr std::size_t kMaxNodes = 64;  // of a loop: its registers must stay in L1

using Few = ShortVector<std::size_t>;  // positions, or groups

bool contains(const Few& few, std::size_t x) {
  return std::find(few.begin(), few.end(), x) != few.end();
}

// Operands that a join would keep in registers. What is also read spread over the elements (v
// against its own mean or its own reshape) must be in memory, all of it, before the loop starts.
Few direct_operands(const FusedReads& reads, Position x) {
  Few spread, direct;
  for (const Position input : reads.inputs(x)) {
    const FusedRead from = reads.read(x, input);
    if (from.spread.pattern != Pattern::kFull) spread.push_back(from.value);
  }
  for (const Position input : reads.inputs(x)) {
    const FusedRead from = reads.read(x, input);
    if (joinable(reads, x, from) && !reads.ordered(input) && !contains(spread, from.value)) {
      direct.push_back(from.value);
    }
  }
  return direct;
}

// A loop that nothing has read from by `stage` can as well run then, with x: so Adam's moments of a
// gradient that is there from the start wait for the rate, and the update is one pass. What x reads
// from it but in step with its elements it could not wait for.
bool may_wait(const Groups& groups, std::size_t g, Position x, int stage, const Few& direct) {
  bool may = groups.all[g].first_read > stage;
  groups.reads.for_dependencies(x, [&](Position v) {
    if (!groups.reads.is(v, Role::kLeaf) && !contains(direct, v)) {
      may = may && groups.group_of[v] != g;
    }
  });
  return may;
}

struct Joins {
  Few groups;
  std::int64_t columns = 0;  // of the loop that they and x become
  std::string apart;         // why there are not more of them
  bool refused = false;      // they would not make one loop: none is joined
};

Joins refuse(const FusedReads& reads, Position x, std::string why) {
  Joins none;
  none.refused = true;
  none.apart = std::move(why);
  fix_columns_of(reads, x, none.columns);
  return none;
}

Joins choose_joins(const Groups& groups, Position x, int stage, const Few& direct) {
  const FusedReads& reads = groups.reads;
  Joins joins;
  bool agree = fix_columns_of(reads, x, joins.columns);
  std::size_t size = 1;
  for (const Position input : reads.inputs(x)) {
    const Position value = reads.read(x, input).value;
    if (!contains(direct, value)) continue;
    const std::size_t g = groups.group_of[value];
    const Group& group = groups.all[g];
    if (contains(joins.groups, g)) continue;
    const auto fits = [&] {
      return size + group.nodes.size() <= kMaxNodes && fix_columns(joins.columns, group.columns);
    };
    if (groups.stage[value] != stage && !(may_wait(groups, g, x, stage, direct) && fits())) {
      joins.apart = fmt::format("{} waits for a kernel, {} does not", reads.node(x).op().name,
                                reads.node(value).op().name);
      continue;
    }
    joins.groups.push_back(g);
    size += group.nodes.size();
    agree = fix_columns(joins.columns, group.columns) && agree;
  }
  if (joins.groups.empty() || (agree && size <= kMaxNodes)) return joins;
  return refuse(reads, x,
                agree ? fmt::format("more than {} nodes", kMaxNodes) : "rows of other lengths");
}

}  // namespace

bool joinable(const FusedReads& reads, Position x, const FusedRead& from) {
  return from.spread.pattern == Pattern::kFull && reads.is(from.value, Role::kElement) &&
         reads.node(from.value).elements() == reads.node(x).elements();
}

bool fix_columns_of(const FusedReads& reads, Position x, std::int64_t& columns) {
  bool agree = true;
  for (const Position input : reads.inputs(x)) {
    agree = fix_columns(columns, reads.read(x, input).spread.columns) && agree;
  }
  return agree;
}

void place(Groups& groups, Position x) {
  const Few direct = direct_operands(groups.reads, x);
  int stage = 0;
  groups.reads.for_dependencies(x, [&](Position v) {
    if (groups.reads.is(v, Role::kLeaf) || groups.late[v]) return;
    stage = std::max(stage, groups.stage[v] + (contains(direct, v) ? 0 : 1));
  });
  stage = place_late_operands(groups, x, stage);
  const Joins joins = choose_joins(groups, x, stage, direct);
  if (joins.refused) ++stage;
  for (const std::size_t g : joins.groups) {
    if (groups.stage[groups.all[g].nodes[0]] == stage) continue;  // all of a group have one stage
    for (const Position p : groups.all[g].nodes) groups.stage[p] = stage;
  }
  groups.stage[x] = stage;
  join(groups, x, joins.groups, joins.columns);
  if (!joins.apart.empty()) groups.of(x).apart = joins.apart;
}

void join(Groups& groups, Position x, const ShortVector<std::size_t>& joined,
          std::int64_t columns) {
  std::size_t target = groups.all.size();
  if (joined.empty()) {
    groups.all.emplace_back();
  } else {
    target = *std::max_element(joined.begin(), joined.end(), [&](std::size_t a, std::size_t b) {
      return groups.all[a].nodes.size() < groups.all[b].nodes.size();
    });
  }
  Group& whole = groups.all[target];
  for (const std::size_t g : joined) {
    if (g == target) continue;
    Group& part = groups.all[g];
    for (const Position p : part.nodes) {
      groups.group_of[p] = target;
      whole.nodes.push_back(p);
    }
    whole.first_read = std::min(whole.first_read, part.first_read);
    part.nodes.clear();
    part.merged_away = true;
  }
  whole.nodes.push_back(x);
  whole.columns = columns;
  groups.group_of[x] = target;
}

}  // namespace hourglass::internal
