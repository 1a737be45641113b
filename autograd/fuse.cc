#include "autograd/fuse.h"

#include <fmt/core.h>

#include <algorithm>
#include <unordered_map>
#include <unordered_set>

#include "autograd/node.h"
#include "autograd/op.h"
#include "autograd/spread.h"

namespace hourglass {
namespace {

constexpr std::size_t kMaxNodes = 64;  // of a loop: its registers must stay in L1

bool renames(const Var& x) { return x.op().kernel == copy_kernel; }

bool is_elementwise(const Var& x) {
  static const Op* cast_op = find_op("cast");
  return x.op().is_lane() || &x.op() == cast_op;
}

bool is_sum(const Var& x) {
  static const Op* sum_op = find_op("sum_to");
  return &x.op() == sum_op;
}

bool is_broadcast(const Var& x) {
  static const Op* broadcast_op = find_op("broadcast_to");
  return &x.op() == broadcast_op;
}

// A set of elementwise nodes that will be one loop.
struct Group {
  std::vector<std::size_t> nodes;  // positions in the order
  std::int64_t columns = 0;        // fixed by the first row or column read
  std::string apart;               // why it is not one with a loop that it reads from
  bool merged_away = false;
};

class Fuser {
 public:
  Fuser(const std::vector<Var>& order, const std::vector<Var>& kept) : order_(order) {
    for (std::size_t i = 0; i < order.size(); ++i) position_[order[i].node()] = i;
    for (const Var& k : kept) stored_.insert(storage_of(k).node());
    stage_.resize(order.size(), 0);
    group_of_.resize(order.size(), kNone);
    find_virtual_broadcasts();
    find_late_nodes();
  }

  std::vector<Instruction> run() {
    for (std::size_t i = 0; i < order_.size(); ++i) {
      if (is_leaf(order_[i]) || renames(order_[i]) || virtual_.count(order_[i].node())) continue;
      if (late_.count(order_[i].node())) continue;
      if (is_elementwise(order_[i])) {
        place(i);
      } else if (!is_sum(order_[i]) || !end_loop(i)) {
        stage_[i] = stage_after_inputs(i);
        group_of_[i] = groups_.size();
        groups_.push_back({{i}, 0, "", false});
      }
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

  // Broadcasts that only loops read need no memory: the loop spreads their input itself.
  void find_virtual_broadcasts() {
    std::unordered_set<const Node*> needed;  // in memory, by some other reader
    for (const Var& node : order_) {
      if (is_elementwise(node)) continue;
      for (const Var& input : node.inputs()) needed.insert(storage_of(input).node());
    }
    for (const Var& node : order_) {
      if (is_broadcast(node) && !needed.count(node.node()) && !stored_.count(node.node()) &&
          spread_of(node).possible) {
        virtual_.insert(node.node());
      }
    }
    for (const Var& node : order_) {
      if (is_elementwise(node)) settle_columns(node);
    }
  }

  // A loop sees its elements as rows of one length: of two broadcasts into one node that differ in
  // it, the second is written to memory after all.
  void settle_columns(const Var& node) {
    std::int64_t columns = 0;
    for (const Var& input : node.inputs()) {
      const Var value = storage_of(input);
      if (!virtual_.count(value.node())) continue;
      if (!fix_columns(columns, spread_of(value).columns)) virtual_.erase(value.node());
    }
  }

  // A node made of leaves alone (beta m of a moment m) could run at any time. With one reader, a
  // loop, it waits for it: placed at once it would be a loop of its own and one more pass over
  // memory.
  void find_late_nodes() {
    std::unordered_map<const Node*, int> uses;
    for (const Var& node : order_) {
      for (const Var& input : node.inputs()) ++uses[storage_of(input).node()];
    }
    for (const Var& reader : order_) {
      if (!is_elementwise(reader)) continue;
      for (const Var& input : reader.inputs()) {
        const Operand o = operand(input);
        if (uses[o.value.node()] != 1 || stored_.count(o.value.node()) || has_order(input) ||
            !joinable(reader, o)) {
          continue;
        }
        bool leaves = true;
        for_dependencies(o.value, [&](const Var& v) { leaves = leaves && is_leaf(v); });
        if (leaves) late_.insert(o.value.node());
      }
    }
  }

  // Places the late operands of x at its stage, where a join can take them, or before it.
  void place_late_operands(const Var& x, int stage) {
    for (const Var& input : x.inputs()) {
      const Var value = operand(input).value;
      if (!late_.count(value.node())) continue;
      const std::size_t p = position(value);
      std::int64_t columns = 0;
      for (const Var& v : value.inputs()) fix_columns(columns, operand(v).spread.columns);
      stage_[p] = stage;
      join(p, {}, columns);
    }
  }

  std::size_t position(const Var& x) const { return position_.at(x.node()); }

  // What an operand stands for: the node in memory (or in the same loop) and how it is read.
  struct Operand {
    Var value;
    Spread spread;
  };
  Operand operand(const Var& input) const {
    const Var value = storage_of(input);
    if (!virtual_.count(value.node())) return {value, {true, Pattern::kFull, 0}};
    return {storage_of(value.inputs()[0]), spread_of(value)};
  }

  // Calls f(node that must be computed before) for all that `x` needs, looking through renaming
  // nodes.
  template <class F>
  void for_dependencies(const Var& x, F&& f) const {
    for (const Var& input : x.inputs()) {
      Var v = input;
      while (true) {
        if (renames(v)) {
          for (std::size_t k = 1; k < v.inputs().size(); ++k) f(storage_of(v.inputs()[k]));
          v = v.inputs()[0];
        } else if (virtual_.count(v.node())) {
          v = v.inputs()[0];
        } else {
          break;
        }
      }
      f(v);
    }
  }

  // Everything outside a loop must come from an earlier stage; nodes of one stage never wait for
  // each other unless they are in one loop, so merging groups of one stage cannot make a cycle.
  int stage_after_inputs(std::size_t i) const {
    int stage = 0;
    for_dependencies(order_[i], [&](const Var& v) {
      if (is_leaf(v)) return;
      Var w = v;
      while (virtual_.count(w.node())) w = storage_of(w.inputs()[0]);
      if (!is_leaf(w)) stage = std::max(stage, stage_[position(w)] + 1);
    });
    return stage;
  }

  bool joinable(const Var& x, const Operand& from) const {
    return from.spread.pattern == Pattern::kFull && !is_leaf(from.value) &&
           is_elementwise(from.value) && from.value.elements() == x.elements();
  }

  // Joins the loops that the node reads from, if they are of its stage and agree in columns.
  void place(std::size_t i) {
    const Var& x = order_[i];
    int stage = 0;
    std::int64_t columns = 0;
    bool agree = true;
    std::unordered_set<const Node*> direct;  // operands that a join would keep in registers
    for (const Var& input : x.inputs()) {
      const Operand o = operand(input);
      if (joinable(x, o) && !has_order(input)) direct.insert(o.value.node());
      agree = fix_columns(columns, o.spread.columns) && agree;
    }
    // What is also read spread over the elements (v against its own mean or its own reshape) must
    // be in memory, all of it, before the loop starts.
    for (const Var& input : x.inputs()) {
      const Operand o = operand(input);
      if (o.spread.pattern != Pattern::kFull) direct.erase(o.value.node());
    }
    for_dependencies(x, [&](const Var& v) {
      if (is_leaf(v) || late_.count(v.node())) return;
      stage = std::max(stage, stage_[position(v)] + (direct.count(v.node()) ? 0 : 1));
    });
    place_late_operands(x, stage);
    std::vector<std::size_t> joins;
    std::size_t size = 1;
    std::string apart;
    for (const Var& input : x.inputs()) {
      const Operand o = operand(input);
      if (!direct.count(o.value.node())) continue;
      const std::size_t p = position(o.value);
      if (stage_[p] != stage) {
        apart = fmt::format("{} waits for a kernel, {} does not", x.op().name, o.value.op().name);
        continue;
      }
      const std::size_t g = group_of_[p];
      if (std::find(joins.begin(), joins.end(), g) != joins.end()) continue;
      joins.push_back(g);
      size += groups_[g].nodes.size();
      agree = fix_columns(columns, groups_[g].columns) && agree;
    }
    if (!joins.empty() && (!agree || size > kMaxNodes)) {
      joins.clear();
      apart = agree ? fmt::format("more than {} nodes", kMaxNodes) : "rows of other lengths";
      ++stage;
      columns = 0;
      for (const Var& input : x.inputs()) fix_columns(columns, operand(input).spread.columns);
    }
    stage_[i] = stage;
    join(i, joins, columns);
    if (!apart.empty()) groups_[group_of_[i]].apart = apart;
  }

  // Lets the loop that makes the terms of a sum make the sum. Column sums read the terms back while
  // they are in cache, so those must be stored.
  bool end_loop(std::size_t i) {
    const Var& x = order_[i];
    const Var terms = storage_of(x.inputs()[0]);
    if (is_leaf(terms) || !is_elementwise(terms) || late_.count(terms.node()) ||
        has_order(x.inputs()[0]) || x.elements() == 0 || x.elements() == terms.elements()) {
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

  // An operand behind `after` may have to wait for more than its value.
  static bool has_order(const Var& input) {
    Var v = input;
    while (renames(v)) {
      if (v.inputs().size() > 1) return true;
      v = v.inputs()[0];
    }
    return false;
  }

  static bool fix_columns(std::int64_t& columns, std::int64_t wanted) {
    if (wanted == 0 || columns == wanted) return true;
    if (columns != 0) return false;
    columns = wanted;
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
    if (!is_elementwise(first)) {
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
        const Operand o = operand(input);
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

  static std::size_t read_index(Instruction& loop, const Operand& o) {
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
  std::unordered_map<const Node*, std::size_t> position_;
  std::unordered_set<const Node*> stored_;   // must be in memory
  std::unordered_set<const Node*> virtual_;  // broadcasts that loops do on the way
  std::unordered_set<const Node*> late_;     // placed with their reader
  std::vector<int> stage_;
  std::vector<std::size_t> group_of_;
  std::vector<Group> groups_;
};

}  // namespace

Var storage_of(const Var& x) {
  Var v = x;
  while (renames(v)) v = v.inputs()[0];
  return v;
}

std::vector<Instruction> fuse(const std::vector<Var>& order, const std::vector<Var>& kept) {
  return Fuser(order, kept).run();
}

}  // namespace hourglass
