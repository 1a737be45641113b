#include "autograd/compile/fuse_reads.h"

#include "autograd/graph/node.h"
#include "autograd/ops/handles.h"

namespace hourglass {
namespace {

bool is_broadcast(const Var& x) { return &x.op() == &broadcast_to_op; }

}  // namespace

bool renames(const Var& x) { return x.op().renames; }

bool is_elementwise(const Var& x) { return x.op().is_lane() || &x.op() == &cast_op || is_draw(x); }

bool is_draw(const Var& x) { return x.op().is_random(); }

bool is_sum(const Var& x) { return &x.op() == &sum_to_op; }

bool waits(const Var& input) {
  Var v = input;
  while (renames(v)) {
    if (v.inputs().size() > 1) return true;
    v = v.inputs()[0];
  }
  return false;
}

bool fix_columns(std::int64_t& columns, std::int64_t wanted) {
  if (wanted == 0 || columns == wanted) return true;
  if (columns != 0) return false;
  columns = wanted;
  return true;
}

Var storage_of(const Var& x) {
  Var v = x;
  while (renames(v)) v = v.inputs()[0];
  return v;
}

FusedReads::FusedReads(const std::vector<Var>& order, const std::vector<Var>& kept) {
  std::unordered_set<const Node*> needed;  // in memory, by some other reader
  for (const Var& k : kept) needed.insert(storage_of(k).node());
  for (const Var& node : order) {
    if (is_elementwise(node) && !is_draw(node)) continue;
    for (const Var& input : node.inputs()) needed.insert(storage_of(input).node());
  }
  for (const Var& node : order) {
    if (is_broadcast(node) && !needed.count(node.node()) && spread_of(node).possible) {
      virtual_.insert(node.node());
    }
  }
  for (const Var& node : order) {
    if (is_elementwise(node)) settle_columns(node);
  }
}

// A loop sees its elements as rows of one length: of two broadcasts into one node that differ in
// it, the second is written to memory after all.
void FusedReads::settle_columns(const Var& node) {
  std::int64_t columns = 0;
  for (const Var& input : node.inputs()) {
    const Var value = storage_of(input);
    if (!on_the_way(value)) continue;
    if (!fix_columns(columns, spread_of(value).columns)) virtual_.erase(value.node());
  }
}

FusedRead FusedReads::operand(const Var& reader, const Var& input) const {
  const Var value = storage_of(input);
  if (is_draw(reader)) return {value, {true, Pattern::kKey, 0}};
  if (!on_the_way(value)) return {value, {true, Pattern::kFull, 0}};
  return {storage_of(value.inputs()[0]), spread_of(value)};
}

}  // namespace hourglass
