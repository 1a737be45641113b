#include <algorithm>
#include <cmath>
#include <span>
#include <utility>

#include "autograd/graph/cost.h"
#include "autograd/simplify/contract/contract.h"

// The form of a node from the forms of its inputs, by what its op says of itself (FormRule). A rule
// that does not apply gives nothing, and the node is an atom.

namespace hourglass::contract {

using internal::hash_without_inputs;
using internal::mix;

namespace {

Form single_term(Term&& term) {
  Form form;
  form.terms.push_back(shared(std::move(term)));
  return form;
}

// --- structural constants

Form scalar_form(const Var& node) {
  Term term;
  term.coef = node.tensor().at(0);
  term.out.resize(static_cast<std::size_t>(node.rank()));
  Form form = single_term(std::move(term));
  form.written = mix(written_as(node, {}), std::hash<double>{}(node.tensor().at(0)));
  return form;
}

// A product of elements with elements: nothing is gained by opening it.
bool is_plain_product(const Term& term) {
  if (term.factors.size() < 2 || has_identity(term)) return false;
  const Labels out = labels_of(term.out);
  return std::all_of(term.factors.begin(), term.factors.end(), [&](const Factor& factor) {
    std::size_t positions = 0;
    for (const Axis& axis : factor.axes) positions += axis.size();
    const Labels labels = labels_of(factor.axes);
    return positions == out.size() && labels.size() == out.size() &&
           std::all_of(labels.begin(), labels.end(), [&](Label l) { return contains(out, l); });
  });
}

bool has_factor(const Term& term, const Factor& factor) {
  return factor.node.defined() &&
         std::any_of(term.factors.begin(), term.factors.end(), [&](const Factor& other) {
           return other.node.defined() && other.node.same(factor.node);
         });
}

// Would the terms of a sum be multiplied by the sum they come from, as in S'S? That would expand a
// square, and where S is a small difference, its digits would be lost.
bool is_over_itself(const Form& form, const Terms& terms, const Form& other) {
  const Factors& factors = form.single()->factors;
  return std::any_of(factors.begin(), factors.end(), [&](const Factor& atom) {
    const bool is_taken_apart =
        std::none_of(terms.begin(), terms.end(),
                     [&](const SharedTerm& term) { return has_factor(*term, atom); });
    return is_taken_apart && has_factor(*other.single(), atom);
  });
}

// A sum of terms is distributed over a product only if an identity is among them; otherwise it is
// left as it is, below whatever was done to it since. And never over itself.
bool may_be_distributed(const Form& form, const Form& other) {
  const auto spread = [](const SharedTerm& term) { return has_identity(*term); };
  return std::any_of(form.terms.begin(), form.terms.end(), spread) &&
         (!form.cut || !is_over_itself(form, form.terms, other));
}

template <class Product>
std::optional<Form> combine(const Form& a, const Form& b, const Product& product) {
  Form result;
  std::span<const SharedTerm> left(&a.single(), 1), right(&b.single(), 1);
  // Never both: what is left of two sums may be small.
  if (may_be_distributed(a, b)) {
    left = a.terms;
  } else if (may_be_distributed(b, a)) {
    right = b.terms;
  }
  if (left.size() * right.size() <= kMaxTerms) {
    for (const SharedTerm& x : left) {
      for (const SharedTerm& y : right) {
        std::optional<Term> term = product(*x, *y);
        if (!term) break;
        result.terms.push_back(shared(std::move(*term)));
      }
    }
  }
  if (left.size() * right.size() == 1 && result.terms.size() == 1) return result;
  std::optional<Term> cut = product(*a.single(), *b.single());
  if (!cut) return {};
  if (result.terms.size() < left.size() * right.size()) return single_term(std::move(*cut));
  result.cut = shared(std::move(*cut));
  return result;
}

// A sum that comes apart, times a single term.
template <class Product>
Terms apart(const Form& a, const Form& b, const Product& product) {
  Terms terms;
  const bool first = !a.apart.empty();
  if (first ? is_over_itself(a, a.apart, b) : b.apart.empty() || is_over_itself(b, b.apart, a)) {
    return terms;
  }
  for (const SharedTerm& term : first ? a.apart : b.apart) {
    const Term& other = *(first ? b : a).single();
    std::optional<Term> both = first ? product(*term, other) : product(other, *term);
    if (!both || both->factors.size() > kMaxFactors) return {};
    terms.push_back(shared(std::move(*both)));
  }
  return terms;
}

std::size_t most_factors(const Form& form) {
  std::size_t most = form.single()->factors.size();
  for (const SharedTerm& term : form.terms) most = std::max(most, term->factors.size());
  return most;
}

}  // namespace

std::size_t written_as(const Var& node, std::initializer_list<std::size_t> inputs) {
  std::size_t written = hash_without_inputs(node);
  for (const std::size_t input : inputs) {
    if (input == 0) return 0;
    written = mix(written, input);
  }
  return written;
}

std::size_t layout_of(const Form& form) {
  const bool one = form.terms.size() == 1 && !form.cut && !is_doubled(*form.terms[0]);
  if (!one || form.written == 0) return 0;
  const Factors& factors = form.terms[0]->factors;
  std::size_t layout = form.written;
  for (const Factor& factor : factors) {
    const auto first = std::find_if(factors.begin(), factors.end(), [&](const Factor& other) {
      return factor.node.defined() ? other.node.same(factor.node) : &other == &factor;
    });
    layout = mix(layout, static_cast<std::size_t>(first - factors.begin()));
  }
  return layout;
}

SharedTerm shared(Term&& term) { return std::make_shared<const Term>(std::move(term)); }

Forms::Forms(const std::vector<Var>& leaves, Emitter& emitter)
    : leaves_(leaves), emitter_(emitter) {}

const Form* Forms::find(const Var& node) const { return forms_.find(node); }

const Form& Forms::get(const Var& node, Form& made) const {
  if (const Form* form = find(node)) return *form;
  made = atom_form(node);
  return made;
}

Form Forms::atom_form(const Var& node) const {
  Form form = single_term(atom(node));
  form.written = written_as_atom(node);
  return form;
}

// Rules look into an atom, but not into a leaf.
std::size_t Forms::written_as_atom(const Var& node) const {
  return mix(hash_without_inputs(node), leaves_.contains(node) ? 3 : 2);
}

void Forms::add(const Var& node) {
  if (!added_.insert(node)) return;
  if (!is_real(node.dtype()) || node.elements() == 0 || leaves_.contains(node)) return;
  for (const Var& input : node.inputs()) {
    if (input.dtype() != node.dtype() || input.elements() == 0) return;
  }
  std::optional<Form> form = make(node);
  if (!form) return;
  // What came out may be the node itself: an atom.
  const Term& term = *form->terms[0];
  const bool itself = form->terms.size() == 1 && term.factors.size() == 1 && term.coef == 1 &&
                      term.factors[0].node.defined() && term.factors[0].node.same(node);
  if (!itself) forms_.insert(node, std::move(*form));
}

std::optional<Form> Forms::make(const Var& node) {
  if (is_constant(node)) {
    if (node.elements() > 1 || !std::isfinite(node.tensor().at(0))) return {};
    return scalar_form(node);
  }
  const FormRule& rule = node.op().form;
  const std::size_t inputs = node.inputs().size();
  if (rule.constant) return structural(node);
  if (rule.relabel && inputs == 1) return relabelled(node);
  if (rule.product && inputs == 2) return product(node);
  if (rule.sum != 0 && inputs == 2) return sum(node);
  return node.op().is_lane() && inputs == 1 ? elementwise(node) : std::nullopt;
}

std::optional<Form> Forms::structural(const Var& node) const {
  std::optional<Term> term = node.op().form.constant(call_of(node));
  if (!term) return {};
  Form form = single_term(std::move(*term));
  form.written = written_as(node, {});
  form.spreads = node.op().form.spreads;
  return form;
}

std::optional<Form> Forms::relabelled(const Var& node) const {
  const FormRule& rule = node.op().form;
  const Call call = call_of(node);
  Form made;
  Form form = get(node.inputs()[0], made);
  const auto moves = [&](SharedTerm& term) {
    Term moved = *term;
    const bool aligned = rule.relabel(call, moved);
    term = shared(std::move(moved));
    return aligned;
  };
  if (form.cut && !moves(form.cut)) return {};
  bool aligned = true;
  for (SharedTerm& term : form.terms) aligned = moves(term) && aligned;
  if (!aligned) {
    if (!form.cut) return {};
    form.terms = {std::exchange(form.cut, nullptr)};
  }
  if (!std::all_of(form.apart.begin(), form.apart.end(), moves)) form.apart = {};
  form.bare_sum = false;
  form.written = written_as(node, {form.written});
  form.spreads = form.spreads || (rule.spreads && !form.terms[0]->factors.empty());
  form.work += node_cost(node).multiply_adds > 0;
  return form;
}

// What stands for input 1 of a product, made of canonical nodes.
std::optional<Form> Forms::second_of(const Var& node, const Form& input) const {
  std::optional<Term> term = node.op().form.second(call_of(node), *input.single());
  if (!term) return {};
  for (Factor& factor : term->factors) {
    if (factor.node.defined()) factor.node = emitter_.canonical(factor.node);
  }
  Form form = single_term(std::move(*term));  // and no sum of terms: 1 / (x + y) is none
  form.work = input.work;
  form.written = input.written;
  form.spreads = input.spreads;
  return form;
}

std::optional<Form> Forms::product(const Var& node) {
  const FormRule& rule = node.op().form;
  const Var& x = node.inputs()[0];
  const Var& y = node.inputs()[1];
  if (!rule.opens_atoms && !find(x) && !find(y)) return {};
  Form made_a, made_b;
  const Form* a = &get(x, made_a);
  const Form* b = &get(y, made_b);
  if (rule.second) {
    std::optional<Form> second = second_of(node, *b);
    if (!second) return {};
    made_b = std::move(*second);
    b = &made_b;
  }
  const bool doubled = is_doubled(*a->single()) || is_doubled(*b->single());
  const bool is_plain = !doubled && !a->spreads && !b->spreads;
  const bool is_short = is_plain && long_products_ == kMostLongProducts;
  const std::size_t most = is_short ? kFewFactors : (doubled ? 3 : 1) * kMaxFactors;
  if (most_factors(*a) + most_factors(*b) > most) {
    const bool first = most_factors(*a) > most_factors(*b);
    Form& cut = first ? made_a : made_b;
    cut = atom_form(first ? x : y);
    (first ? a : b) = &cut;
  }
  const Call call = call_of(node);
  const auto multiply = [&](const Term& u, const Term& v) { return rule.product(call, u, v); };
  std::optional<Form> result = combine(*a, *b, multiply);
  if (!result || (result->terms.size() == 1 && is_plain_product(*result->terms[0]))) return {};
  result->apart = apart(*a, *b, multiply);
  result->added_elements = std::max(a->added_elements, b->added_elements);
  result->work = a->work + b->work + 1;
  result->written = written_as(node, {a->written, b->written});
  result->spreads = a->spreads || b->spreads;
  if (is_plain && most_factors(*result) > kFewFactors) ++long_products_;
  return result;
}

}  // namespace hourglass::contract
