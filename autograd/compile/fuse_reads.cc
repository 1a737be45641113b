#include "autograd/compile/fuse_reads.h"

#include "autograd/compile/storage.h"
#include "autograd/graph/graph.h"
#include "autograd/graph/op.h"
#include "autograd/ops/handles.h"

namespace hourglass::internal {
namespace {

Role role_of(const Var& x) {
  if (is_leaf(x)) return Role::kLeaf;
  if (is_view(x)) return Role::kName;
  if (x.op().is_lane() || x.op().is_random() || &x.op() == &cast_op) return Role::kElement;
  return &x.op() == &sum_to_op ? Role::kSum : Role::kKernel;
}

bool is_broadcast(const Var& x) { return &x.op() == &broadcast_to_op; }

}  // namespace

FusedReads::FusedReads(const std::vector<Var>& kept) {
  VarSet seen;
  order_ = walk(kept, seen);
  begin_.push_back(0);
  for (Position x = 0; x < size(); ++x) {
    positions_.add(node(x));
    for (const Var& input : node(x).inputs()) inputs_.push_back(position(input));
    begin_.push_back(inputs_.size());
    roles_.push_back(role_of(node(x)));
    const bool name = is(x, Role::kName);
    storage_.push_back(name ? storage(inputs(x)[0]) : x);
    ordered_.push_back(name && (inputs(x).size() > 1 || ordered(inputs(x)[0])));
  }
  find_on_the_way(kept);
}

void FusedReads::find_on_the_way(const std::vector<Var>& kept) {
  std::vector<bool> in_memory(size());  // for some other reader
  for (const Var& k : kept) in_memory[storage(position(k))] = true;
  for (Position x = 0; x < size(); ++x) {
    if (is(x, Role::kElement) && !node(x).op().is_random()) continue;
    for (const Position input : inputs(x)) in_memory[storage(input)] = true;
  }
  for (Position x = 0; x < size(); ++x) {
    if (is_broadcast(node(x)) && !in_memory[x] && spread_of(node(x)).possible) {
      roles_[x] = Role::kOnTheWay;
    }
  }
  for (Position x = 0; x < size(); ++x) {
    if (is(x, Role::kElement)) settle_columns(x);
  }
}

// A loop sees its elements as rows of one length: of two broadcasts into one node that differ in
// it, the second is written to memory after all.
void FusedReads::settle_columns(Position x) {
  std::int64_t columns = 0;
  for (const Position input : inputs(x)) {
    const Position value = storage(input);
    if (!is(value, Role::kOnTheWay)) continue;
    if (!fix_columns(columns, spread_of(node(value)).columns)) roles_[value] = Role::kKernel;
  }
}

FusedRead FusedReads::read(Position reader, Position input) const {
  const Position value = storage(input);
  if (node(reader).op().is_random()) return {value, {true, Pattern::kKey, 0}};
  if (!is(value, Role::kOnTheWay)) return {value, {true, Pattern::kFull, 0}};
  return {storage(inputs(value)[0]), spread_of(node(value))};
}

}  // namespace hourglass::internal
