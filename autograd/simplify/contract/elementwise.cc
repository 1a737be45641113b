#include <algorithm>
#include <cmath>

#include "autograd/graph/op.h"
#include "autograd/simplify/contract/contract.h"

// Functions of one number, applied to a term: those that pass into its factors, those that commute
// with renaming, and a square, which may double the term.

namespace hourglass::contract {
namespace {

// The labels that those of `out` determine: two labels of a tap determine its third.
Labels determined_labels(const Term& term) {
  Labels known = labels_of(term.out);
  const auto all_known = [&](const Axis& axis) {
    return std::all_of(axis.begin(), axis.end(), [&](Label l) { return contains(known, l); });
  };
  for (bool more = true; more;) {
    more = false;
    for (const Factor& factor : term.factors) {
      if (factor.node.defined()) continue;
      const auto unknown = std::count_if(factor.axes.begin(), factor.axes.end(),
                                         [&](const Axis& axis) { return !all_known(axis); });
      if (unknown != 1) continue;
      for (Label label : labels_of(factor.axes)) {
        if (!contains(known, label)) known.push_back(label);
      }
      more = true;
    }
  }
  return known;
}

Term doubled(const Term& term) {
  Term copy = term;
  for (Label label : summed_labels(term)) substitute(copy, label, {fresh(label.size)});
  Term result = term;
  const int n = static_cast<int>(term.factors.size());
  for (Factor& factor : result.factors) factor.twin = n;
  for (Factor& factor : copy.factors) factor.twin = -n;
  result.coef *= term.coef;
  result.factors.insert(result.factors.end(), copy.factors.begin(), copy.factors.end());
  return result;
}

// f(x) for one number in f64.
double value_at(const Var& node, double x) {
  const Shape one;
  double y = 0;
  const ArrayRef input{&x, &one, DType::kF64};
  run_kernel(node.op(), {{&input, 1}, {&y, &one, DType::kF64}, node.attributes()});
  return y;
}

// Any f commutes with renaming and spreading one factor; off an identity's diagonal f must be 0.
bool commutes(const Var& node, const Term& term) {
  return term.factors.size() == 1 && term.factors[0].node.defined() && term.coef == 1 &&
         summed_labels(term).empty() && (!has_identity(term) || value_at(node, 0) == 0);
}

}  // namespace

// f of each factor.
Term Forms::applied(const Var& node, Term term) const {
  if (term.coef != 1) term.coef = value_at(node, term.coef);
  for (Factor& factor : term.factors) {
    if (!factor.node.defined()) continue;  // a tap's zeros and ones stay
    factor.node = emitter_.canonical(apply(node.op(), {factor.node}, node.attributes()));
  }
  return term;
}

std::optional<Form> Forms::elementwise(const Var& node) const {
  const Form* x = find(node.inputs()[0]);
  if (!x || x->may_come_apart(node)) return {};
  const Term& term = *x->single();
  const FormRule& rule = node.op().form;
  const bool may_double = rule.squares && term.factors.size() <= kMaxFactors;
  const bool passes = rule.factorwise && rule.factorwise(call_of(node), term);
  if (is_doubled(term) || !(may_double || passes || commutes(node, term))) return {};
  const Labels known = determined_labels(term);
  const Labels summed = summed_labels(term);
  const auto determined = static_cast<std::size_t>(std::count_if(
      summed.begin(), summed.end(), [&](Label label) { return contains(known, label); }));
  Form form;
  if (determined == summed.size()) {
    form.terms = {shared(applied(node, term))};
  } else if (may_double && determined == 0) {
    form.terms = {shared(doubled(term))};
  } else {
    return {};
  }
  form.work = x->work + 1;
  form.written = written_as(node, {x->written});
  form.spreads = x->spreads;
  return form;
}

}  // namespace hourglass::contract
