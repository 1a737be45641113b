#include <algorithm>
#include <cmath>
#include <numeric>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/contract/contract.h"

// One rule an op: the form of a node from the forms of its inputs. A rule that does not apply gives
// nothing, and the node is an atom.

namespace hourglass::contract {
namespace {

using kernels::Lane;
using Pairs = std::vector<std::pair<std::size_t, std::size_t>>;

bool is(const Var& node, std::string_view name) { return node.op().name == name; }
bool is(const Var& node, Lane lane) { return node.op().lane == lane; }

std::vector<std::size_t> count(std::size_t first, std::size_t last) {
  std::vector<std::size_t> numbers(last - first);
  std::iota(numbers.begin(), numbers.end(), first);
  return numbers;
}

Form single_term(Term term) {
  Form form;
  form.terms.push_back(std::move(term));
  return form;
}

// --- structural constants

Form scalar_form(const Var& node) {
  Term term;
  term.coef = node.tensor().at(0);
  term.out.resize(static_cast<std::size_t>(node.rank()));
  return single_term(std::move(term));
}

Form eye_form(const Var& node) {
  Term term;
  const std::int64_t n = node.size(0);
  const Axis axis = n == 1 ? Axis{} : Axis{fresh(n)};
  term.out = {axis, axis};
  Form form = single_term(std::move(term));
  form.spreads = true;
  return form;
}

// --- ops that rename, spread or sum axes

bool broadcast(Term& term, const Shape& to) {
  const std::size_t rank = static_cast<std::size_t>(to.rank());
  std::vector<Axis> out(rank - term.out.size());
  out.insert(out.end(), term.out.begin(), term.out.end());
  for (std::size_t i = 0; i < rank; ++i) {
    const std::int64_t size = to.sizes()[i];
    if (out[i].empty() && size > 1) out[i] = {fresh(size)};
  }
  term.out = std::move(out);
  return true;
}

bool sum_to(Term& term, const Shape& to) {
  const std::size_t before = term.out.size();
  const std::size_t rank = static_cast<std::size_t>(to.rank());
  std::vector<std::size_t> kept;
  std::vector<bool> empty;
  for (std::size_t i = 0; i < rank; ++i) {
    const std::size_t axis = before - rank + i;
    empty.push_back(to.sizes()[i] == 1);
    if (!empty.back()) kept.push_back(axis);
  }
  keep_axes(term, kept);
  std::vector<Axis> out;
  auto next = term.out.begin();
  for (const bool one : empty) out.push_back(one ? Axis{} : *next++);
  term.out = std::move(out);
  return true;
}

bool transpose(Term& term, const std::vector<std::int64_t>& permutation) {
  std::vector<std::size_t> kept(permutation.begin(), permutation.end());
  keep_axes(term, kept);
  return true;
}

bool relabel(const Var& node, Term& term) {
  if (is(node, "reshape")) return reshape(term, node.shape().sizes());
  if (is(node, "transpose")) return transpose(term, node.attributes().integers("permutation"));
  if (is(node, "broadcast_to")) return broadcast(term, node.shape());
  if (is(node, "sum_to")) return sum_to(term, node.shape());
  term.coef = -term.coef;  // negate
  return true;
}

// --- products

std::optional<Term> elementwise_product(const Term& a, const Term& b) {
  Pairs pairs;
  for (std::size_t i = 0; i < a.out.size(); ++i) pairs.emplace_back(i, i);
  std::optional<Term> result = multiply(a, b, pairs);
  if (result) keep_axes(*result, count(0, a.out.size()));
  return result;
}

std::optional<Term> matrix_product(const Term& a, const Term& b, bool transpose_a,
                                   bool transpose_b) {
  const std::size_t n = a.out.size();
  const std::size_t m = b.out.size();
  const std::size_t row = n - (transpose_a ? 1 : 2), inner_a = n - (transpose_a ? 2 : 1);
  const std::size_t inner_b = m - (transpose_b ? 1 : 2), column = m - (transpose_b ? 2 : 1);
  Pairs pairs = {{inner_a, inner_b}};
  if (n == m) {
    for (std::size_t i = 0; i + 2 < n; ++i) pairs.emplace_back(i, i);
  }
  std::optional<Term> result = multiply(a, b, pairs);
  if (!result) return {};
  std::vector<std::size_t> kept = n >= m ? count(0, n - 2) : count(n, n + m - 2);
  kept.push_back(row);
  kept.push_back(n + column);
  keep_axes(*result, kept);
  return result;
}

// 1 / b for a b that is a number, or one factor spread out: where b is full there is nothing to
// win.
std::optional<Term> reciprocal_term(const Term& b, Emitter& emitter) {
  if (b.coef == 0 || !std::isfinite(1 / b.coef) || has_identity(b)) return {};
  if (b.factors.size() > 1 || !summed_labels(b).empty()) return {};
  Term result = b;
  result.coef = 1 / b.coef;
  if (b.factors.empty()) return result;
  Factor& factor = result.factors[0];
  if (!factor.node.defined() || labels_of(factor.axes).size() == labels_of(b.out).size()) return {};
  factor.node = emitter.canonical(reciprocal(factor.node));
  return result;
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

// A sum of terms is distributed over a product only if an identity is among them; otherwise it is
// left as it is, below whatever was done to it since. And never over itself, as in S'S: that would
// expand a square, and where S is a small difference, its digits would be lost.
bool may_be_distributed(const Form& form, const Form& other) {
  if (std::none_of(form.terms.begin(), form.terms.end(), has_identity)) return false;
  if (!form.cut) return true;
  return std::none_of(form.cut->factors.begin(), form.cut->factors.end(), [&](const Factor& atom) {
    const bool is_taken_apart =
        std::none_of(form.terms.begin(), form.terms.end(),
                     [&](const Term& term) { return has_factor(term, atom); });
    return is_taken_apart && has_factor(other.single(), atom);
  });
}

template <class Product>
std::optional<Form> combine(const Form& a, const Form& b, const Product& product) {
  Form result;
  std::vector<Term> left = {a.single()}, right = {b.single()};
  // Never both: what is left of two sums may be small.
  if (may_be_distributed(a, b)) {
    left = a.terms;
  } else if (may_be_distributed(b, a)) {
    right = b.terms;
  }
  if (left.size() * right.size() <= kMaxTerms) {
    for (const Term& x : left) {
      for (const Term& y : right) {
        std::optional<Term> term = product(x, y);
        if (!term) break;
        result.terms.push_back(std::move(*term));
      }
    }
  }
  if (left.size() * right.size() == 1 && result.terms.size() == 1) return result;
  std::optional<Term> cut = product(a.single(), b.single());
  if (!cut) return {};
  if (result.terms.size() < left.size() * right.size()) return single_term(std::move(*cut));
  result.cut = std::move(cut);
  return result;
}

std::size_t most_factors(const Form& form) {
  std::size_t most = form.single().factors.size();
  for (const Term& term : form.terms) most = std::max(most, term.factors.size());
  return most;
}

}  // namespace

Forms::Forms(const std::vector<Var>& leaves, Emitter& emitter) : emitter_(emitter) {
  for (const Var& leaf : leaves) leaves_.insert(leaf.id());
}

const Form* Forms::find(const Var& node) const {
  const auto found = forms_.find(node.id());
  return found == forms_.end() ? nullptr : &found->second;
}

Form Forms::get(const Var& node) const {
  const Form* form = find(node);
  return form ? *form : single_term(atom(node));
}

void Forms::add(const Var& node) {
  if (!is_real(node.dtype()) || node.elements() == 0 || leaves_.count(node.id())) return;
  for (const Var& input : node.inputs()) {
    if (input.dtype() != node.dtype() || input.elements() == 0) return;
  }
  std::optional<Form> form = make(node);
  if (!form) return;
  // What came out may be the node itself: an atom.
  const Term& term = form->terms[0];
  const bool itself = form->terms.size() == 1 && term.factors.size() == 1 && term.coef == 1 &&
                      term.factors[0].node.defined() && term.factors[0].node.same(node);
  if (!itself) forms_.emplace(node.id(), std::move(*form));
}

std::optional<Form> Forms::make(const Var& node) {
  if (is_constant(node)) {
    if (node.elements() > 1 || !std::isfinite(node.tensor().at(0))) return {};
    return scalar_form(node);
  }
  switch (node.op().lane) {
    case Lane::kAdd:
    case Lane::kSubtract:
      return sum(node);
    case Lane::kMultiply:
    case Lane::kDivide:
      return product(node);
    case Lane::kNegate:
      return relabelled(node);
    case Lane::kNone:
      break;
    default:
      return node.inputs().size() == 1 ? elementwise(node) : std::nullopt;
  }
  if (is(node, "matmul") || is(node, "conv2d") || is(node, "conv2d_input_gradient")) {
    return product(node);
  }
  if (is(node, "eye")) return eye_form(node);
  const bool relabels = is(node, "reshape") || is(node, "transpose") || is(node, "broadcast_to") ||
                        is(node, "sum_to");
  return relabels ? relabelled(node) : std::nullopt;
}

std::optional<Form> Forms::relabelled(const Var& node) const {
  Form form = get(node.inputs()[0]);
  if (form.cut && !relabel(node, *form.cut)) return {};
  bool aligned = true;
  for (Term& term : form.terms) aligned = relabel(node, term) && aligned;
  if (!aligned) {
    if (!form.cut) return {};
    form.terms = {std::move(*form.cut)};
    form.cut.reset();
  }
  form.bare_sum = false;
  form.spreads = form.spreads || (is(node, "broadcast_to") && !form.terms[0].factors.empty());
  form.work += is(node, "sum_to") || is(node, Lane::kNegate);
  return form;
}

std::optional<Form> Forms::product(const Var& node) const {
  const Var& x = node.inputs()[0];
  const Var& y = node.inputs()[1];
  const bool matmul = is(node, "matmul"), elementwise = node.op().is_lane();
  if (!matmul && !find(x) && (!elementwise || !find(y))) return {};
  Form a = get(x), b = get(y);
  if (is(node, Lane::kDivide)) {
    std::optional<Term> inverse = reciprocal_term(b.single(), emitter_);
    if (!inverse) return {};
    b.terms = {std::move(*inverse)};
  }
  const bool doubled = is_doubled(a.single()) || is_doubled(b.single());
  if (most_factors(a) + most_factors(b) > (doubled ? 3 : 1) * kMaxFactors) {
    Form& longer = most_factors(a) > most_factors(b) ? a : b;
    longer = single_term(atom(&longer == &a ? x : y));
  }
  const auto multiplied = [&](const Term& u, const Term& v) {
    return matmul        ? matrix_product(u, v, node.attributes().flag("transpose_a"),
                                          node.attributes().flag("transpose_b"))
           : elementwise ? elementwise_product(u, v)
                         : convolve(node, u, v);
  };
  std::optional<Form> result = combine(a, b, multiplied);
  if (!result || (result->terms.size() == 1 && is_plain_product(result->terms[0]))) return {};
  result->work = a.work + b.work + 1;
  result->spreads = a.spreads || b.spreads;
  return result;
}

}  // namespace hourglass::contract
