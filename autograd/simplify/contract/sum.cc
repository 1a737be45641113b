#include <algorithm>
#include <cmath>

#include "autograd/graph/op.h"
#include "autograd/ops/ops.h"
#include "autograd/simplify/contract/contract.h"

// Sums: terms are merged by their common factors, x W - y W = (x - y) W. A difference of nearly
// equal terms must be merged and never expanded under a square, where all digits would cancel.

namespace hourglass::contract {
namespace {

// Labels of one term as labels of another, one to one.
class Matching {
 public:
  bool match(Label from, Label to) {
    if (from.size != to.size) return false;
    for (const auto& [x, y] : pairs_) {
      if (x == from || y == to) return x == from && y == to;
    }
    pairs_.emplace_back(from, to);
    return true;
  }

  // All labels of the axes, or none.
  bool match(const std::vector<Axis>& from, const std::vector<Axis>& to) {
    const auto before = pairs_.size();
    bool same = from.size() == to.size();
    for (std::size_t i = 0; same && i < from.size(); ++i) {
      same = from[i].size() == to[i].size();
      for (std::size_t j = 0; same && j < from[i].size(); ++j) same = match(from[i][j], to[i][j]);
    }
    if (!same) pairs_.resize(before);
    return same;
  }

  void rename(Term& term) const {
    for (const auto& [from, to] : pairs_) substitute(term, from, {to});
  }

  std::size_t size() const { return pairs_.size(); }

 private:
  std::vector<std::pair<Label, Label>> pairs_;
};

// Splits labels until the out axes of both have the same sizes label by label.
bool align(Term& a, Term& b) {
  const auto split = [](Term& term, Label label, std::int64_t size) {
    if (label.size % size != 0) return false;
    if (label.size > size) substitute(term, label, {fresh(label.size / size), fresh(size)});
    return true;
  };
  for (std::size_t i = 0; i < a.out.size(); ++i) {
    for (std::size_t done = 0; done < std::min(a.out[i].size(), b.out[i].size());) {
      const Label x = a.out[i][a.out[i].size() - 1 - done];
      const Label y = b.out[i][b.out[i].size() - 1 - done];
      const std::int64_t size = std::min(x.size, y.size);
      if (!split(a, x, size) || !split(b, y, size)) return false;
      // A split moves labels that were counted where one is repeated: count again.
      done = x.size == y.size ? done + 1 : 0;
    }
  }
  return true;
}

bool same_source(const Factor& a, const Factor& b) {
  if (!a.node.defined() || !b.node.defined()) {
    return !a.node.defined() && !b.node.defined() && a.tap == b.tap;
  }
  return a.node.same(b.node);
}

// Moves what a and b have in common out of both. b's labels are renamed to a's as they are matched.
// Passes are repeated, since each match names labels that help the next; in the first passes a
// factor must bring no new label, so that the most certain matches come first.
std::vector<Factor> take_common(Term& a, Term& b, Matching& matching) {
  std::vector<Factor> common;
  const auto pass = [&](bool may_bind) {
    for (std::size_t i = 0; i < a.factors.size(); ++i) {
      for (std::size_t j = 0; j < b.factors.size(); ++j) {
        if (!same_source(a.factors[i], b.factors[j])) continue;
        Matching trial = matching;
        if (!trial.match(b.factors[j].axes, a.factors[i].axes)) continue;
        if (!may_bind && trial.size() > matching.size()) continue;
        matching = trial;
        common.push_back(a.factors[i]);
        a.factors.erase(a.factors.begin() + static_cast<std::ptrdiff_t>(i));
        b.factors.erase(b.factors.begin() + static_cast<std::ptrdiff_t>(j));
        return true;
      }
    }
    return false;
  };
  while (pass(false) || pass(true)) {
  }
  return common;
}

// A swap of labels that maps the factors onto each other: which factor is the image of which, or of
// itself. Nothing where there is none, or none that moves a label.
std::optional<std::vector<std::size_t>> mirror_of(const Term& term) {
  Matching swap;
  for (const Label label : labels_of(term.out)) swap.match(label, label);
  const std::size_t n = term.factors.size();
  std::vector<std::size_t> image(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    const Factor& a = term.factors[i];
    for (std::size_t j = i + 1; j <= n && image[i] == n; ++j) {
      const std::size_t other = j < n ? j : i;  // itself, where no other will do
      const Factor& b = term.factors[other];
      if (image[other] != n || !same_source(a, b) || (other != i && a.axes == b.axes)) continue;
      Matching trial = swap;
      if (!trial.match(a.axes, b.axes) || !trial.match(b.axes, a.axes)) continue;
      swap = trial;
      image[i] = other;
      image[other] = i;
    }
    if (image[i] == n) return {};
  }
  return image;
}

double size_of_positions(const Term& term) {
  double size = size_of(summed_labels(term));
  for (const Axis& axis : term.out) size *= size_of(axis);
  return size;
}

// The elements of the result, or of the largest factor.
double largest_piece(const Term& term) {
  double largest = 1;
  for (const Axis& axis : term.out) largest *= size_of(axis);
  for (const Factor& factor : term.factors) {
    largest = std::max(largest, size_of(labels_of(factor.axes)));
  }
  return largest;
}

// The labels of `rest` that are seen from outside of it: in `out` or in a common factor.
void add_open_labels(const Term& rest, const Labels& outside, Labels& open) {
  for (const Factor& factor : rest.factors) {
    for (Label label : labels_of(factor.axes)) {
      if (contains(outside, label) && !contains(open, label)) open.push_back(label);
    }
  }
}

// The sum of what is left of two terms, as a factor over the open labels.
std::optional<Factor> sum_of_rests(Term a, Term b, const Labels& open, DType dtype,
                                   Emitter& emitter) {
  Factor factor;
  for (Label label : open) factor.axes.push_back({label});
  a.out = b.out = factor.axes;
  b.coef /= a.coef;
  a.coef = 1;
  const std::optional<Var> sum = emitter.emit({a, b}, dtype, false);
  if (!sum) return {};
  factor.node = *sum;
  return factor;
}

// Is there anything to merge by? Most sums end here.
bool may_share(const Term& a, const Term& b) {
  if (has_identity(a) || (a.factors.empty() && b.factors.empty())) return true;
  return std::any_of(a.factors.begin(), a.factors.end(), [&](const Factor& x) {
    return std::any_of(b.factors.begin(), b.factors.end(),
                       [&](const Factor& y) { return same_source(x, y); });
  });
}

}  // namespace

std::optional<Term> merge(const Term& a, const Term& b, DType dtype, Emitter& emitter) {
  if (is_doubled(a) || is_doubled(b) || a.coef == 0 || !may_share(a, b)) return {};
  Term rest_a = a, rest_b = renamed(b);
  if (!align(rest_a, rest_b)) return {};
  Matching matching;
  if (!matching.match(rest_b.out, rest_a.out)) return {};
  Term result = rest_a;
  const double whole = std::max(size_of_positions(rest_a), size_of_positions(rest_b));
  result.factors = take_common(rest_a, rest_b, matching);
  matching.rename(rest_b);
  if (rest_a.factors.empty() && rest_b.factors.empty()) {
    result.coef = a.coef + b.coef;
    if (result.coef == 0) return {};  // x - x stays: it is NaN where x is
    return result;
  }
  if (result.factors.empty() && !has_identity(result)) return {};
  Labels outside = labels_of(result.out);
  for (const Factor& factor : result.factors) {
    for (Label label : labels_of(factor.axes)) {
      if (!contains(outside, label)) outside.push_back(label);
    }
  }
  Labels open;
  add_open_labels(rest_a, outside, open);
  add_open_labels(rest_b, outside, open);
  if (size_of(open) >= whole ||
      size_of(open) > std::max(largest_piece(rest_a), largest_piece(rest_b)))
    return {};
  const std::optional<Factor> rest = sum_of_rests(rest_a, rest_b, open, dtype, emitter);
  if (!rest) return {};
  result.coef = a.coef;
  result.factors.push_back(*rest);
  return result;
}

namespace {

// Adds a term to a list, merged with what it has factors in common with. True if it was.
bool add_term(std::vector<Term>& terms, Term term, DType dtype, Emitter& emitter) {
  bool merged = false;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (std::optional<Term> both = merge(terms[i], term, dtype, emitter)) {
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
      term = std::move(*both);
      merged = true;
      i = static_cast<std::size_t>(-1);  // the merged term may go on to merge
    }
  }
  terms.push_back(std::move(term));
  return merged;
}

// An addition's terms one by one. A difference stays one term, however it is written: of nearly
// equal numbers all digits would cancel.
std::vector<Term> apart(const Form& a, const Form& b) {
  std::vector<Term> terms;
  for (const Form* form : {&a, &b}) {
    if (form->apart.empty()) {
      terms.push_back(form->single());
    } else {
      terms.insert(terms.end(), form->apart.begin(), form->apart.end());
    }
  }
  const bool differ = std::any_of(terms.begin(), terms.end(), [&](const Term& term) {
    return std::signbit(term.coef) != std::signbit(terms[0].coef);
  });
  if (differ || terms.size() > kMaxTerms) terms.clear();
  return terms;
}

bool is_simple(const Term& term) {
  return term.factors.size() <= 1 && summed_labels(term).empty() && !has_identity(term);
}

}  // namespace

std::optional<Term> paired(const Term& term) {
  if (is_doubled(term)) return {};
  const auto image = mirror_of(term);
  if (!image) return {};
  std::vector<Factor> first, second, alone;
  for (std::size_t i = 0; i < image->size(); ++i) {
    if ((*image)[i] == i) alone.push_back(term.factors[i]);
    if ((*image)[i] <= i) continue;
    first.push_back(term.factors[i]);
    second.push_back(term.factors[(*image)[i]]);
  }
  if (first.empty()) return {};
  const int n = static_cast<int>(first.size());
  for (Factor& factor : first) factor.twin = n;
  for (Factor& factor : second) factor.twin = -n;
  Term result = term;
  result.factors = std::move(first);
  result.factors.insert(result.factors.end(), second.begin(), second.end());
  result.factors.insert(result.factors.end(), alone.begin(), alone.end());
  return result;
}

std::optional<Form> Forms::sum(const Var& node) {
  const Var& x = node.inputs()[0];
  const Var& y = node.inputs()[1];
  if (!find(x) && !find(y)) return {};
  Form made_a, made_b;
  const Form &a = get(x, made_a), &b = get(y, made_b);
  const bool cut = a.terms.size() + b.terms.size() > kMaxTerms;
  const auto terms_of = [&](const Form& form) {
    return cut ? std::vector<Term>{form.single()} : form.terms;
  };
  Form result;
  result.terms = terms_of(a);
  bool merged = false;
  for (Term& term : terms_of(b)) {
    term.coef *= node.op().form.sum;
    if (merges_ == kMostMerges) {
      result.terms.push_back(std::move(term));
    } else if (add_term(result.terms, std::move(term), node.dtype(), emitter_)) {
      merged = true;
      ++merges_;
    }
  }
  if (!merged && std::all_of(result.terms.begin(), result.terms.end(), is_simple)) return {};
  if (result.terms.size() > 1) result.cut = atom(node);
  if (node.op().form.sum > 0) {
    result.apart = apart(a, b);
    result.added_elements = node.elements();
  }
  result.work = a.work + b.work + 1;
  result.spreads = a.spreads || b.spreads;
  result.bare_sum = !merged;
  return result;
}

}  // namespace hourglass::contract
