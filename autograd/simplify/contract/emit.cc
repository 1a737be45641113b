#include <algorithm>

#include "autograd/ops/ops.h"
#include "autograd/simplify/contract/operand.h"

// From a normal form back to ordinary ops.

namespace hourglass::contract {
namespace {

using Bits = std::uint64_t;
using Marks = internal::ShortVector<bool>;

bool same_labels(const Operand& a, const Operand& b) {
  return a.labels.size() == b.labels.size() && without(a.labels, b.labels).empty();
}

// One term: its factors as operands, multiplied in the best order.
class TermEmitter {
 public:
  explicit TermEmitter(const Term& term) : term_(term), out_(labels_of(term.out)) {
    for (std::size_t i = 0; i < term.factors.size(); ++i) {
      const int twin = term.factors[i].twin;
      groups_.push_back({load(term.factors[i]), twin == 0 ? 0 : twin > 0 ? 1 : -1, i});
      group_of_.push_back(i);
    }
    find_mirror();
    ranking_ = out_;
    for (const Group& group : groups_) {
      for (Label label : group.value.labels) add_to_ranking(label);
    }
  }

  bool too_large() const { return ranking_.size() > 64; }

  // Merges what needs no order; nothing is left to multiply if there is at most one operand.
  void prepare() {
    while (sum_lonely_labels() || merge_equal()) {
    }
  }
  bool is_number() const { return groups_.empty(); }

  Network network() const {
    Network result;
    for (Label label : ranking_) {
      result.sizes.push_back(static_cast<double>(label.size));
      if (mirror_.count(label.id)) result.mirrored |= bits({label});
    }
    for (const Group& group : groups_) {
      result.tensors.push_back(bits(group.value.labels));
      const int twin = term_.factors[group.first].twin;
      const auto other = static_cast<std::size_t>(static_cast<int>(group.first) + twin);
      result.twins.push_back(twin == 0 ? -1 : static_cast<int>(group_of_[other]));
    }
    result.out = bits(out_);
    return result;
  }

  Operand run(const Order& plan) const {
    std::vector<Operand> values;
    values.reserve(groups_.size() + plan.joins.size());
    for (const Group& group : groups_) values.push_back(group.value);
    for (std::size_t i = 0; i < plan.joins.size(); ++i) {
      const Join& join = plan.joins[i];
      const Operand& left = values[static_cast<std::size_t>(join.left)];
      const Operand right =
          join.left == join.right ? mirrored(left) : values[static_cast<std::size_t>(join.right)];
      values.push_back(multiplied(left, right, needed_after(plan, i), ranking_));
    }
    return values.back();
  }

 private:
  // Factors over the same labels, multiplied.
  struct Group {
    Operand value;
    int side = 0;           // of a doubling: first copy 1, second -1, neither 0
    std::size_t first = 0;  // the first of its factors
  };

  // Beside its mirror image, so that copies are written alike: equal nodes become one.
  void add_to_ranking(Label label) {
    if (contains(ranking_, label)) return;
    ranking_.push_back(label);
    const auto image = mirror_.find(label.id);
    if (image != mirror_.end()) ranking_.push_back(image->second);
  }

  void find_mirror() {
    for (std::size_t i = 0; i < term_.factors.size(); ++i) {
      const int twin = term_.factors[i].twin;
      if (twin == 0) continue;
      const Factor& other = term_.factors[static_cast<std::size_t>(static_cast<int>(i) + twin)];
      for (std::size_t k = 0; k < other.axes.size(); ++k) {
        for (std::size_t l = 0; l < other.axes[k].size(); ++l) {
          const Label from = term_.factors[i].axes[k][l], to = other.axes[k][l];
          if (!(from == to)) mirror_[from.id] = to;
        }
      }
    }
  }

  Operand mirrored(Operand y) const {
    for (Label& label : y.labels) {
      const auto found = mirror_.find(label.id);
      if (found != mirror_.end()) label = found->second;
    }
    return y;
  }

  // A label that one operand alone carries is summed inside it.
  bool sum_lonely_labels() {
    bool any = false;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      Labels lonely = without(groups_[i].value.labels, out_);
      for (std::size_t j = 0; j < groups_.size() && !lonely.empty(); ++j) {
        if (j != i) lonely = without(lonely, groups_[j].value.labels);
      }
      any = any || !lonely.empty();
      groups_[i].value = summed(groups_[i].value, lonely);
    }
    return any;
  }

  // Operands over the same labels are multiplied, but never those of different copies.
  bool merge_equal() {
    bool any = false;
    for (std::size_t i = 0; i < groups_.size(); ++i) {
      for (std::size_t j = groups_.size(); j-- > i + 1;) {
        Group& a = groups_[i];
        Group& b = groups_[j];
        if (a.side != b.side || !same_labels(a.value, b.value)) continue;
        a.value.x = a.value.x * permuted(b.value, a.value.labels).x;
        groups_.erase(groups_.begin() + j);
        for (std::size_t& group : group_of_) {
          group = group == j ? i : group > j ? group - 1 : group;
        }
        any = true;
      }
    }
    return any;
  }

  Bits bits(const Labels& labels) const {
    Bits result = 0;
    for (Label label : labels) result |= Bits{1} << index_of(ranking_, label);
    return result;
  }

  // The labels that are still needed once join i is done.
  Labels needed_after(const Order& plan, std::size_t i) const {
    Marks used(groups_.size());
    mark(plan, static_cast<int>(groups_.size() + i), false, used);
    Labels needed = out_;
    for (std::size_t j = 0; j < groups_.size(); ++j) {
      if (used[j]) continue;
      for (Label label : groups_[j].value.labels) {
        if (!contains(needed, label)) needed.push_back(label);
      }
    }
    return needed;
  }

  // Marks the operands that a number is made of; `image`: those of its mirror image.
  void mark(const Order& plan, int number, bool image, Marks& used) const {
    const int n = static_cast<int>(groups_.size());
    if (number >= n) {
      const Join& join = plan.joins[static_cast<std::size_t>(number - n)];
      mark(plan, join.left, image, used);
      mark(plan, join.right, image != (join.left == join.right), used);
      return;
    }
    std::size_t group = static_cast<std::size_t>(number);
    if (image) {
      const int first = static_cast<int>(groups_[group].first);
      group = group_of_[static_cast<std::size_t>(
          first + term_.factors[static_cast<std::size_t>(first)].twin)];
    }
    used[group] = true;
  }

  const Term& term_;
  Labels out_;
  Labels ranking_;  // all labels, those of `out` first: the order that results prefer
  internal::ShortVector<Group, 4> groups_;
  internal::ShortVector<std::size_t> group_of_;  // by factor
  std::unordered_map<int, Label> mirror_;
};

}  // namespace

const Order& Emitter::order_of(const Network& network, Gram gram) {
  auto& known = orders_[static_cast<std::size_t>(gram)];
  const auto found = known.find(network);
  if (found != known.end()) return found->second;
  const bool below_trace = gram == Gram::kWhereItIsLess;
  Order cheapest = below_trace ? order_below_trace(network) : order(network, gram);
  return known.emplace(network, std::move(cheapest)).first->second;
}

const Var& Emitter::loaded(const Factor& tap, DType dtype) {
  const auto same = [&](const Factor& known) {
    return known.tap == tap.tap && known.node.dtype() == dtype &&
           known.node.shape() == shape_of(tap.axes);
  };
  auto known = std::find_if(taps_.begin(), taps_.end(), same);
  if (known == taps_.end()) {
    known = taps_.insert(known, tap);
    known->node = tap_values(tap, dtype);
  }
  return known->node;
}

std::optional<Var> Emitter::emit_term(const Term& term, DType dtype, Gram gram) {
  Term values = term;
  for (Factor& factor : values.factors) {
    if (!factor.node.defined()) factor.node = loaded(factor, dtype);
  }
  TermEmitter emitter(values);
  if (emitter.too_large()) return {};
  emitter.prepare();
  if (emitter.is_number()) {
    return spread({constant(term.coef, dtype), {}}, term.coef == 1, term.out);
  }
  Operand value = emitter.run(order_of(emitter.network(), gram));
  if (term.coef != 1) value.x = value.x * term.coef;
  return spread(value, false, term.out);
}

std::optional<Var> Emitter::emit(std::span<const SharedTerm> terms, DType dtype, Gram gram) {
  Var total;
  for (const SharedTerm& term : terms) {
    const std::optional<Var> value = emit_term(*term, dtype, gram);
    if (!value) return {};
    total = total.defined() ? total + *value : *value;
  }
  return canonical_(total);
}

}  // namespace hourglass::contract
