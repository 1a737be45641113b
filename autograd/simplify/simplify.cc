#include <algorithm>
#include <iterator>
#include <optional>
#include <span>
#include <unordered_set>
#include <utility>

#include "autograd/graph/graph.h"
#include "autograd/graph/node.h"
#include "autograd/graph/op.h"
#include "autograd/graph/var_map.h"
#include "autograd/simplify/canonical.h"
#include "autograd/simplify/contract/contract.h"
#include "autograd/simplify/live_graph.h"
#include "autograd/simplify/simplify.h"

namespace hourglass {

using namespace internal;

namespace {

using contract::Form;
using contract::Forms;
using contract::Gram;
using contract::shared;
using contract::SharedTerm;
using contract::Term;
using contract::Terms;

std::vector<Var> canonical_outputs(const std::vector<Var>& outputs, Canonical& canonical) {
  std::vector<Var> result;
  for (const Var& output : outputs) result.push_back(canonical(output));
  return result;
}

std::vector<Var> scalars_of(const std::vector<Var>& outputs) {
  std::vector<Var> result;
  std::copy_if(outputs.begin(), outputs.end(), std::back_inserter(result),
               [](const Var& x) { return x.elements() == 1; });
  return result;
}

// Replaces nodes by their contraction normal form where that is cheaper, users before inputs. Each
// node is tried once and new nodes never, so it ends; a node that is not replaced hands over to its
// inputs, so maximal regions come first.
class Contraction {
  // Nodes that are looked at for one candidate: so many, and few once they are too many in all.
  static constexpr std::size_t kMostLookedAt = 1000, kFewLookedAt = 50;
  static constexpr std::size_t kMostInAll = 100'000;
  static constexpr std::size_t kMostInside = 50;  // of one that is compared with others
  static constexpr std::int64_t kMany = 8;        // readers: more are no different

 public:
  // Replaces only what `roots` need, which must stay where they are; nothing of what `settled`
  // needs, and nothing of `leaves`, which are not looked through either.
  Contraction(const std::vector<Var>& outputs, const std::vector<Var>& roots,
              const std::vector<Var>& settled, const std::vector<Var>& leaves, Forms& forms,
              contract::Emitter& emitter)
      : emitter_(emitter), outputs_(outputs), forms_(forms) {
    walk(leaves, fixed_);
    walk(settled, fixed_);
    VarSet seen;
    order_ = walk(roots, seen);
    for (const Var* node : order_) forms_.add(*node);
  }

  std::vector<Var> run() {
    bool any = false;
    for (std::size_t i = order_.size(); i-- > 0;) {
      const Var& node = *order_[i];
      const Form* form = forms_.find(node);
      if (!form || !is_worth_trying(*form)) continue;
      if (fixed_.contains(node) || (graph_ && !graph_->is_live(node))) continue;
      const std::size_t layout = form->may_come_apart(node) ? 0 : contract::layout_of(*form);
      if (was_left(node, *form, layout)) continue;
      const Candidate best = best_of(node, *form);
      if (best.replacement.defined()) {
        replace(node, best.replacement);
        any = true;
      } else if (layout != 0 && best.is_itself) {
        left_.insert(layout);
      } else if (layout != 0 && best.was_weighed) {
        left_.insert(situation_of(node, *form->terms[0], layout));
      }
    }
    return any ? graph_->outputs() : outputs_;
  }

 private:
  // One op on atoms can be written no better, unless what it works on is spread out.
  bool is_worth_trying(const Form& form) const {
    return !form.bare_sum && form.work + (form.spreads ? 1 : 0) >= 2;
  }

  // Something that may stand for a node and costs less: fewer multiply-adds, or as many and a
  // smaller largest buffer.
  struct Candidate {
    Var replacement;
    double saved = 0;
    double largest_buffer = 0;
    bool is_itself = false;    // there is nothing: the terms in their best order are the node
    bool was_weighed = false;  // what there was cost no less
  };

  Candidate best_of(const Var& node, const Form& form) {
    Candidate best;
    const bool bends = node.elements() > 1 || !is_linear_above(node);
    const Gram gram = bends ? Gram::kNever : Gram::kWhereItHalves;
    consider(node, form.terms, gram, best);
    if (form.cut) consider(node, {&form.cut, 1}, gram, best);
    if (form.may_come_apart(node)) consider_apart(node, form.apart, gram, best);
    return best;
  }

  // True where it is the best so far.
  bool consider(const Var& node, std::span<const SharedTerm> terms, Gram gram, Candidate& best) {
    const LabelScope scope(LabelScope::Absolute{node.node()->scope});
    const std::optional<Var> replacement = emitter_.emit(terms, node.dtype(), gram);
    best.is_itself = replacement && replacement->same(node);
    if (!replacement || best.is_itself) return false;
    if (!graph_) graph_.emplace(outputs_);
    if (!may_stand_for(node, *replacement)) return false;
    best.was_weighed = true;
    const auto [born, died] = graph_->try_replace(node, *replacement);
    const double saved = died.multiply_adds - born.multiply_adds;
    const double limit = best.replacement.defined() ? best.largest_buffer : died.largest_buffer;
    if (saved < best.saved || (saved == best.saved && born.largest_buffer >= limit)) return false;
    best = {*replacement, saved, born.largest_buffer, false, true};
    return true;
  }

  // Each term as it comes, or with what stands twice computed once: a Gram matrix, or a Jacobian.
  void consider_apart(const Var& node, const Terms& terms, Gram gram, Candidate& best) {
    consider(node, terms, gram, best);
    Terms paired = terms;
    std::vector<std::size_t> pairs;  // the terms that can be
    for (std::size_t i = 0; i < terms.size(); ++i) {
      std::optional<Term> twins = contract::paired(*terms[i]);
      if (!twins) continue;
      paired[i] = shared(std::move(*twins));
      pairs.push_back(i);
    }
    if (pairs.empty()) return;
    consider(node, paired, Gram::kWhereItIsLess, best);
    if (pairs.size() == 1) return;
    for (const std::size_t i : pairs) {
      Terms one_less = paired;
      one_less[i] = terms[i];
      if (consider(node, one_less, Gram::kWhereItIsLess, best)) paired = std::move(one_less);
    }
  }

  // Layers are alike: whether a node would be left as it is, since one like it was.
  bool was_left(const Var& node, const Form& form, std::size_t layout) {
    if (layout == 0 || left_.empty()) return false;
    return left_.contains(layout) ||
           (graph_ && left_.contains(situation_of(node, *form.terms[0], layout)));
  }

  // How a node is written, and how many read what it is made of: what a replacement would make
  // useless, and whether anything else is made of the same.
  std::size_t situation_of(const Var& node, const Term& term, std::size_t layout) {
    const auto is_factor = [&](const Var& x) {
      return std::any_of(term.factors.begin(), term.factors.end(),
                         [&](const contract::Factor& factor) {
                           return factor.node.defined() && factor.node.same(x);
                         });
    };
    std::size_t seen = 0;
    waiting_.assign(1, &node);
    while (!waiting_.empty()) {
      const Var& next = *waiting_.back();
      waiting_.pop_back();
      const bool is_atom = is_factor(next);
      if (next.op().leaf && !is_atom) continue;    // a coefficient
      if (++seen > kMostInside) return node.id();  // like no other
      layout = mix(layout, static_cast<std::size_t>(std::min(graph_->readers(next), kMany)));
      for (const Var& input : next.inputs()) {
        if (!is_atom) waiting_.push_back(&input);
      }
    }
    return layout;
  }

  // A node made for this keeps the name of what it stands for; a user's own nodes keep theirs.
  void replace(const Var& node, const Var& replacement) {
    if (replacement.id() > order_.back()->id() && replacement.label().empty()) {
      replacement.named(node.label());
    }
    graph_->replace(node, replacement);
  }

  // Nodes are tried from the last to the first, so what is older than the node neither depends on
  // it nor has been replaced. Where the graph computes the same elsewhere, a replacement may name
  // younger nodes too: none of them may have been replaced, by something that could name this one.
  // What needs a look at very many nodes is left: the sum of a long chain, written in another way,
  // is as long, and so is that of all but its last term, and so on.
  bool may_stand_for(const Var& node, const Var& replacement) {
    ++walk_;
    const std::size_t most = looked_at_ < kMostInAll ? kMostLookedAt : kFewLookedAt;
    std::size_t seen = 0;
    waiting_.assign(1, &replacement);
    while (!waiting_.empty()) {
      const Var& next = *waiting_.back();  // nodes keep their inputs
      waiting_.pop_back();
      if (next.id() < node.id() || std::exchange(last_walk_[next], walk_) == walk_) continue;
      ++looked_at_;
      if (next.same(node) || graph_->is_replaced(next) || ++seen > most) return false;
      for (const Var& input : next.inputs()) waiting_.push_back(&input);
    }
    return true;
  }

  // A Gram order can turn an exact zero into -1e-13: it may be chosen only where nothing but sums
  // and products comes above, which do not mind.
  bool is_linear_above(const Var& x) {
    if (!bent_) find_bent();
    return !bent_->contains(x);
  }
  void find_bent() {
    bent_.emplace();
    VarSet seen;
    const VarPointers order = walk(outputs_, seen);
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
      const Var& node = **at;
      const bool keeps = node.op().keeps_small_errors && !bent_->contains(node);
      for (std::size_t i = keeps ? 1 : 0; i < node.inputs().size(); ++i) {
        if (!keeps || node.op().form.second) bent_->insert(node.inputs()[i]);  // a divisor
      }
    }
  }

  contract::Emitter& emitter_;
  std::vector<Var> outputs_;
  VarPointers order_;
  Forms& forms_;
  VarSet fixed_;                          // never replaced
  std::unordered_set<std::size_t> left_;  // layouts and situations of nodes left as they are
  std::optional<LiveGraph> graph_;        // once there is something to replace
  VarMap<std::uint64_t> last_walk_;       // of may_stand_for that met a node
  std::uint64_t walk_ = 0;
  std::size_t looked_at_ = 0;  // in all walks
  VarPointers waiting_;
  std::optional<VarSet> bent_;  // nodes that another function than sums and products reads
};

}  // namespace

std::vector<Var> simplify(const std::vector<Var>& outputs, const std::vector<Var>& keep) {
  Canonical canonical(keep);
  contract::Emitter emitter(canonical);
  Forms forms(keep, emitter);
  std::vector<Var> result = canonical_outputs(outputs, canonical);
  // Scalars first, which are losses: what they settle on is there for their derivatives to share.
  std::vector<Var> settled = scalars_of(result);
  if (settled.size() == result.size()) {
    settled.clear();
  } else if (!settled.empty()) {
    Contraction scalars(result, settled, {}, keep, forms, emitter);
    result = canonical_outputs(scalars.run(), canonical);
    settled = scalars_of(result);
  }
  Contraction all(result, result, settled, keep, forms, emitter);
  return canonical_outputs(all.run(), canonical);
}

}  // namespace hourglass
