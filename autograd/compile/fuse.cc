#include "autograd/compile/fuse.h"

#include <fmt/core.h>

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

#include "autograd/compile/fuse_reads.h"
#include "autograd/compile/spread.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"

namespace hourglass {
namespace {

constexpr std::size_t kMaxNodes = 64;  // of a loop: its registers must stay in L1

// A set of elementwise nodes that will be one loop.
struct Group {
  std::vector<std::size_t> nodes;  // positions in the order
  std::int64_t columns = 0;        // fixed by the first row or column read
  std::string apart;               // why it is not one with a loop that it reads from
  bool merged_away = false;
  int first_read = kNever;  // the stage at which something outside first reads from it

  static constexpr int kNever = std::numeric_limits<int>::max();
};

class Fuser {
 public:
  Fuser(const std::vector<Var>& order, const std::vector<Var>& kept)
      : order_(order), reads_(order, kept) {
    for (std::size_t i = 0; i < order.size(); ++i) position_[order[i].node()] = i;
    for (const Var& k : kept) stored_.insert(storage_of(k).node());
    stage_.resize(order.size(), 0);
    group_of_.resize(order.size(), kNone);
    find_late_nodes();
  }

  std::vector<Instruction> run() {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (is_leaf(order_[i]) || renames(order_[i]) || reads_.on_the_way(order_[i])) continue;
      if (late_.count(order_[i].node())) continue;
      if (is_elementwise(order_[i])) {
        place(i);
      } else if (!is_sum(order_[i]) || !end_loop(i)) {
        stage_[i] = stage_after_inputs(i);
        group_of_[i] = groups_.size();
        groups_.push_back({{i}, 0, "", false});
      }
      note_reads(i);
    }
    std::vector<Instruction> instructions;
    for (const Group& group : groups_) {
      if (!group.merged_away) instructions.push_back(make_instruction(group));
    }
    store_what_is_read(instructions);
    return instructions;
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  // A node made of what is in memory anyway (beta m of a moment m, the mask y > 0 of an activation
  // y that a product reads) could run at any time. With one reader, a loop, it waits for it: placed
  // at once it would be a pass over memory, or a value that is written and read again.
  void find_late_nodes() {
    std::unordered_map<const Node*, int> uses;
    for (const Var& node : order_) {
      const bool kernel =
          !is_elementwise(node) && !is_sum(node) && !renames(node) && !reads_.on_the_way(node);
      for (const Var& input : node.inputs()) {
        ++uses[storage_of(input).node()];
        if (kernel) read_by_kernels_.insert(storage_of(input).node());
      }
    }
    for (const Var& reader : order_) {
      if (!is_elementwise(reader)) continue;
      for (const Var& input : reader.inputs()) {
        const FusedRead o = reads_.operand(reader, input);
        if (uses[o.value.node()] == 1 && !stored_.count(o.value.node()) && !waits(input) &&
            joinable(reader, o) && is_made_of_memory(o.value)) {
          late_.insert(o.value.node());
        }
      }
    }
  }

  bool is_made_of_memory(const Var& x) const {
    bool memory = true;
    reads_.for_dependencies(x, [&](const Var& v) {
      memory = memory && (is_leaf(v) || read_by_kernels_.count(v.node()) > 0);
    });
    return memory;
  }

  // The late operands of x that are ready at its stage are placed there, where a join can take
  // them, or before it. The others would keep x waiting: they are placed like any node.
  int place_late_operands(const Var& x, int stage) {
    for (const Var& input : x.inputs()) {
      const Var value = reads_.operand(x, input).value;
      if (!late_.count(value.node())) continue;
      const std::size_t p = position(value);
      if (stage_after_inputs(p) > stage) {
        late_.erase(value.node());
        place(p);
        stage = std::max(stage, stage_[p]);
      } else {
        std::int64_t columns = 0;
        fix_columns_of(value, columns);
        stage_[p] = stage;
        join(p, {}, columns);
      }
      note_reads(p);
    }
    return stage;
  }

  std::size_t position(const Var& x) const { return position_.at(x.node()); }

  // Everything outside a loop must come from an earlier stage; nodes of one stage never wait for
  // each other unless they are in one loop, so merging groups of one stage cannot make a cycle.
  int stage_after_inputs(std::size_t i) const {
    int stage = 0;
    reads_.for_dependencies(order_[i], [&](const Var& v) {
      if (is_leaf(v)) return;
      Var w = v;
      while (reads_.on_the_way(w)) w = storage_of(w.inputs()[0]);
      if (!is_leaf(w)) stage = std::max(stage, stage_[position(w)] + 1);
    });
    return stage;
  }

  bool joinable(const Var& x, const FusedRead& from) const {
    return from.spread.pattern == Pattern::kFull && !is_leaf(from.value) &&
           is_elementwise(from.value) && from.value.elements() == x.elements();
  }

  // Operands that a join would keep in registers. What is also read spread over the elements (v
  // against its own mean or its own reshape) must be in memory, all of it, before the loop starts.
  std::unordered_set<const Node*> direct_operands(const Var& x) const {
    std::unordered_set<const Node*> direct;
    for (const Var& input : x.inputs()) {
      const FusedRead o = reads_.operand(x, input);
      if (joinable(x, o) && !waits(input)) direct.insert(o.value.node());
    }
    for (const Var& input : x.inputs()) {
      const FusedRead o = reads_.operand(x, input);
      if (o.spread.pattern != Pattern::kFull) direct.erase(o.value.node());
    }
    return direct;
  }

  // The length of rows that x's reads ask for; false if two of them differ.
  bool fix_columns_of(const Var& x, std::int64_t& columns) const {
    bool agree = true;
    for (const Var& input : x.inputs()) {
      agree = fix_columns(columns, reads_.operand(x, input).spread.columns) && agree;
    }
    return agree;
  }

  // Joins the loops that the node reads from, if they are of its stage or can wait for it, and
  // agree in columns.
  void place(std::size_t i) {
    const Var& x = order_[i];
    const std::unordered_set<const Node*> direct = direct_operands(x);
    int stage = 0;
    reads_.for_dependencies(x, [&](const Var& v) {
      if (is_leaf(v) || late_.count(v.node())) return;
      stage = std::max(stage, stage_[position(v)] + (direct.count(v.node()) ? 0 : 1));
    });
    stage = place_late_operands(x, stage);
    const Joins joins = choose_joins(x, stage, direct);
    if (joins.refused) ++stage;
    for (std::size_t g : joins.groups) {
      for (std::size_t p : groups_[g].nodes) stage_[p] = stage;
    }
    stage_[i] = stage;
    join(i, joins.groups, joins.columns);
    if (!joins.apart.empty()) groups_[group_of_[i]].apart = joins.apart;
  }

  struct Joins {
    std::vector<std::size_t> groups;
    std::int64_t columns = 0;  // of the loop that they and x become
    std::string apart;         // why there are not more of them
    bool refused = false;      // they would not make one loop: none is joined
  };

  Joins choose_joins(const Var& x, int stage, const std::unordered_set<const Node*>& direct) const {
    Joins joins;
    bool agree = fix_columns_of(x, joins.columns);
    std::size_t size = 1;
    for (const Var& input : x.inputs()) {
      const FusedRead o = reads_.operand(x, input);
      if (!direct.count(o.value.node())) continue;
      const std::size_t p = position(o.value), g = group_of_[p];
      if (std::find(joins.groups.begin(), joins.groups.end(), g) != joins.groups.end()) continue;
      if (stage_[p] != stage && !(may_wait(g, x, stage, direct) && fits(g, size, joins.columns))) {
        joins.apart =
            fmt::format("{} waits for a kernel, {} does not", x.op().name, o.value.op().name);
        continue;
      }
      joins.groups.push_back(g);
      size += groups_[g].nodes.size();
      agree = fix_columns(joins.columns, groups_[g].columns) && agree;
    }
    if (joins.groups.empty() || (agree && size <= kMaxNodes)) return joins;
    Joins none;
    none.refused = true;
    none.apart = agree ? fmt::format("more than {} nodes", kMaxNodes) : "rows of other lengths";
    fix_columns_of(x, none.columns);
    return none;
  }

  // A loop that nothing has read from by `stage` can as well run then, with x: so Adam's moments of
  // a gradient that is there from the start wait for the rate, and the update is one pass. What x
  // reads from it but in step with its elements it could not wait for.
  bool may_wait(std::size_t g, const Var& x, int stage,
                const std::unordered_set<const Node*>& direct) const {
    bool may = groups_[g].first_read > stage;
    reads_.for_dependencies(x, [&](const Var& v) {
      if (!is_leaf(v) && !direct.count(v.node())) may = may && group_of_[position(v)] != g;
    });
    return may;
  }

  bool fits(std::size_t g, std::size_t size, std::int64_t columns) const {
    return size + groups_[g].nodes.size() <= kMaxNodes && fix_columns(columns, groups_[g].columns);
  }

  void note_reads(std::size_t i) {
    reads_.for_dependencies(order_[i], [&](const Var& v) {
      if (is_leaf(v) || group_of_[position(v)] == group_of_[i]) return;
      int& first_read = groups_[group_of_[position(v)]].first_read;
      first_read = std::min(first_read, stage_[i]);
    });
  }

  // Lets the loop that makes the terms of a sum make the sum. Column sums read the terms back while
  // they are in cache, so those must be stored.
  bool end_loop(std::size_t i) {
    const Var& x = order_[i];
    const Var terms = storage_of(x.inputs()[0]);
    if (is_leaf(terms) || !is_elementwise(terms) || late_.count(terms.node()) ||
        waits(x.inputs()[0]) || x.elements() == 0 || x.elements() == terms.elements()) {
      return false;
    }
    const Spread spread = spread_between(x.shape(), x.inputs()[0].shape());
    Group& group = groups_[group_of_[position(terms)]];
    if (!spread.possible || !fix_columns(group.columns, spread.columns)) return false;
    if (spread.pattern == Pattern::kRow) stored_.insert(terms.node());
    stored_.insert(x.node());
    group.nodes.push_back(i);
    group_of_[i] = group_of_[position(terms)];
    stage_[i] = stage_[position(terms)];
    return true;
  }

  void join(std::size_t i, const std::vector<std::size_t>& joins, std::int64_t columns) {
    std::size_t target = groups_.size();
    if (joins.empty()) {
      groups_.push_back({});
    } else {
      target = *std::max_element(joins.begin(), joins.end(), [&](std::size_t a, std::size_t b) {
        return groups_[a].nodes.size() < groups_[b].nodes.size();
      });
    }
    for (std::size_t g : joins) {
      if (g == target) continue;
      for (std::size_t node : groups_[g].nodes) {
        group_of_[node] = target;
        groups_[target].nodes.push_back(node);
      }
      groups_[target].first_read = std::min(groups_[target].first_read, groups_[g].first_read);
      groups_[g].nodes.clear();
      groups_[g].merged_away = true;
    }
    groups_[target].nodes.push_back(i);
    groups_[target].columns = columns;
    group_of_[i] = target;
  }

  Instruction make_instruction(const Group& group) const {
    std::vector<std::size_t> nodes = group.nodes;
    std::sort(nodes.begin(), nodes.end());
    Instruction result;
    for (std::size_t i : nodes) result.nodes.push_back(order_[i]);
    const Var& first = result.nodes[0];
    if (!is_elementwise(first) || (nodes.size() == 1 && is_draw(first))) {
      for (const Var& input : first.inputs())
        result.reads.push_back({storage_of(input), Pattern::kFull});
      result.outputs = {first};
      return result;
    }
    result.loop = true;
    result.elements = first.elements();
    result.columns = group.columns;
    result.apart = group.apart;
    collect_operands(result);
    return result;
  }

  void collect_operands(Instruction& loop) const {
    std::unordered_map<const Node*, std::size_t> inside;
    for (std::size_t k = 0; k < loop.nodes.size(); ++k) inside[loop.nodes[k].node()] = k;
    std::vector<std::vector<std::pair<bool, std::size_t>>> operands;  // (of this loop?, index)
    for (const Var& node : loop.nodes) {
      auto& row = operands.emplace_back();
      for (const Var& input : node.inputs()) {
        const FusedRead o = reads_.operand(node, input);
        const auto found = inside.find(o.value.node());
        if (found != inside.end() && o.spread.pattern == Pattern::kFull) {
          row.emplace_back(true, found->second);
        } else {
          row.emplace_back(false, read_index(loop, o));
        }
      }
    }
    for (std::size_t k = 0; k < loop.nodes.size(); ++k) {
      const Var& node = loop.nodes[k];
      LoopStep& step = loop.steps.emplace_back();
      step.nodes = {node};
      for (const auto& [own, index] : operands[k]) {
        step.operands.push_back(static_cast<int>(own ? loop.reads.size() + index : index));
      }
      step.sum = is_sum(node);
      if (step.sum) step.to = spread_between(node.shape(), node.inputs()[0].shape()).pattern;
      if (!node.op().is_lane()) continue;
      step.lane = kernels::lane_function(node.op().lane, node.inputs()[0].dtype());
    }
  }

  static std::size_t read_index(Instruction& loop, const FusedRead& o) {
    for (std::size_t k = 0; k < loop.reads.size(); ++k) {
      if (loop.reads[k].value.same(o.value) && loop.reads[k].pattern == o.spread.pattern) return k;
    }
    loop.reads.push_back({o.value, o.spread.pattern});
    return loop.reads.size() - 1;
  }

  void store_what_is_read(std::vector<Instruction>& instructions) {
    for (const Instruction& instruction : instructions) {
      for (const Read& read : instruction.reads) stored_.insert(read.value.node());
    }
    for (Instruction& instruction : instructions) {
      if (!instruction.loop) continue;
      for (const Var& node : instruction.nodes) {
        if (stored_.count(node.node())) instruction.outputs.push_back(node);
      }
      chain_steps(instruction);
    }
  }

  const std::vector<Var>& order_;
  const FusedReads reads_;
  std::unordered_map<const Node*, std::size_t> position_;
  std::unordered_set<const Node*> stored_;  // must be in memory
  std::unordered_set<const Node*> late_;    // placed with their reader
  std::unordered_set<const Node*> read_by_kernels_;
  std::vector<int> stage_;
  std::vector<std::size_t> group_of_;
  std::vector<Group> groups_;
};

}  // namespace

std::vector<Instruction> fuse(const std::vector<Var>& order, const std::vector<Var>& kept) {
  return Fuser(order, kept).run();
}

}  // namespace hourglass
