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
    pairs_.push_back({from, to});
    return true;
  }

  // All labels of the axes, or none.
  bool match(const Axes& from, const Axes& to) {
    const auto before = pairs_.size();
    bool same = from.size() == to.size();
    for (std::size_t i = 0; same && i < from.size(); ++i) {
      same = from[i].size() == to[i].size();
      for (std::size_t j = 0; same && j < from[i].size(); ++j) same = match(from[i][j], to[i][j]);
    }
    if (!same) pairs_.resize(before);
    return same;
  }

  std::optional<Label> find(Label from) const {
    for (const auto& [x, y] : pairs_) {
      if (x == from) return y;
    }
    return {};
  }

  // With its labels as they are matched to others; those that are not become new ones.
  Factor renamed(Factor factor) {
    for (Axis& axis : factor.axes) {
      for (Label& label : axis) {
        const std::optional<Label> known = find(label);
        const Label to = known ? *known : fresh(label.size);
        if (!known) match(label, to);
        label = to;
      }
    }
    return factor;
  }

  std::size_t size() const { return pairs_.size(); }

 private:
  internal::ShortVector<std::pair<Label, Label>> pairs_;
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

// Of a term that is not changed.
using FactorPointers = internal::ShortVector<const Factor*>;

FactorPointers factors_of(const Term& term) {
  FactorPointers factors;
  for (const Factor& factor : term.factors) factors.push_back(&factor);
  return factors;
}

// Moves what a and b have in common out of both. b's labels are matched to a's meanwhile. Passes
// are repeated, since each match names labels that help the next; in the first passes a factor must
// bring no new label, so that the most certain matches come first.
FactorPointers take_common(FactorPointers& a, FactorPointers& b, Matching& matching) {
  FactorPointers common;
  const auto pass = [&](bool may_bind) {
    for (std::size_t i = 0; i < a.size(); ++i) {
      for (std::size_t j = 0; j < b.size(); ++j) {
        if (!same_source(*a[i], *b[j])) continue;
        Matching trial = matching;
        if (!trial.match(b[j]->axes, a[i]->axes)) continue;
        if (!may_bind && trial.size() > matching.size()) continue;
        matching = trial;
        common.push_back(a[i]);
        a.erase(a.begin() + i);
        b.erase(b.begin() + j);
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
// itself. Nothing where there is none. Pairs differ in a label, or, unless `moves`, in none.
std::optional<std::vector<std::size_t>> mirror_of(const Term& term, bool moves) {
  Matching swap;
  for (const Label label : labels_of(term.out)) swap.match(label, label);
  const std::size_t n = term.factors.size();
  std::vector<std::size_t> image(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    const Factor& a = term.factors[i];
    for (std::size_t j = i + 1; j <= n && image[i] == n; ++j) {
      const std::size_t other = j < n ? j : i;  // itself, where no other will do
      const Factor& b = term.factors[other];
      if (image[other] != n || !same_source(a, b)) continue;
      if (other != i && moves == (a.axes == b.axes)) continue;
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
double largest_piece(const Term& term, const FactorPointers& factors) {
  double largest = 1;
  for (const Axis& axis : term.out) largest *= size_of(axis);
  for (const Factor* factor : factors) {
    largest = std::max(largest, size_of(labels_of(factor->axes)));
  }
  return largest;
}

void add_labels(const Labels& more, Labels& labels) {
  for (Label label : more) {
    if (!contains(labels, label)) labels.push_back(label);
  }
}

// Of the labels of `factors`, under their names in a, those that are seen from outside of them: in
// `out` or in a common factor.
template <class Name>
void add_open_labels(const FactorPointers& factors, const Labels& outside, const Name& name,
                     Labels& open) {
  for (const Factor* factor : factors) {
    for (Label label : labels_of(factor->axes)) {
      const std::optional<Label> named = name(label);
      if (named && contains(outside, *named)) add_labels({*named}, open);
    }
  }
}

// What two terms have in common, and what is left of each.
struct Shared {
  FactorPointers common, rest_a, rest_b;
  Matching matching;  // of b's labels to a's
  Labels open;        // of what is left, in a's names: seen from outside of it
};

std::optional<Shared> share(const Term& a, const Term& b) {
  Shared s;
  if (!s.matching.match(b.out, a.out)) return {};
  s.rest_a = factors_of(a);
  s.rest_b = factors_of(b);
  s.common = take_common(s.rest_a, s.rest_b, s.matching);
  Labels outside = labels_of(a.out);
  for (const Factor* factor : s.common) add_labels(labels_of(factor->axes), outside);
  const auto same = [](Label label) { return std::optional(label); };
  add_open_labels(s.rest_a, outside, same, s.open);
  add_open_labels(
      s.rest_b, outside, [&](Label label) { return s.matching.find(label); }, s.open);
  return s;
}

// The sum of what is left of two terms, as a factor over the open labels; b's coefficient is
// relative to a's.
std::optional<Factor> sum_of_rests(Shared& s, double coef, DType dtype, Emitter& emitter) {
  Factor factor;
  for (Label label : s.open) factor.axes.push_back({label});
  Term a, b;
  a.out = b.out = factor.axes;
  b.coef = coef;
  for (const Factor* rest : s.rest_a) a.factors.push_back(*rest);
  for (const Factor* rest : s.rest_b) b.factors.push_back(s.matching.renamed(*rest));
  const SharedTerm rests[] = {shared(std::move(a)), shared(std::move(b))};
  const std::optional<Var> sum = emitter.emit(rests, dtype, Gram::kNever);
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

// Of terms whose out axes have the same sizes label by label.
std::optional<Term> merge_aligned(const Term& a, const Term& b, DType dtype, Emitter& emitter) {
  std::optional<Shared> s = share(a, b);
  if (!s) return {};
  const bool all = s->rest_a.empty() && s->rest_b.empty();
  if (all && a.coef + b.coef == 0) return {};  // x - x stays: it is NaN where x is
  if (!all) {
    if (s->common.empty() && !has_identity(a)) return {};
    const double most = std::max(largest_piece(a, s->rest_a), largest_piece(b, s->rest_b));
    const double open = size_of(s->open);
    if (open >= std::max(size_of_positions(a), size_of_positions(b)) || open > most) return {};
  }
  Term result;
  result.coef = all ? a.coef + b.coef : a.coef;
  result.out = a.out;
  for (const Factor* factor : s->common) result.factors.push_back(*factor);
  if (all) return result;
  const std::optional<Factor> rest = sum_of_rests(*s, b.coef / a.coef, dtype, emitter);
  if (!rest) return {};
  result.factors.push_back(*rest);
  return result;
}

}  // namespace

std::optional<Term> merge(const Term& a, const Term& b, DType dtype, Emitter& emitter) {
  if (is_doubled(a) || is_doubled(b) || a.coef == 0 || !may_share(a, b)) return {};
  if (Matching().match(b.out, a.out)) return merge_aligned(a, b, dtype, emitter);
  Term split_a = a, split_b = renamed(b);
  if (!align(split_a, split_b)) return {};
  return merge_aligned(split_a, split_b, dtype, emitter);
}

namespace {

// Adds a term to a list, merged with what it has factors in common with. True if it was.
bool add_term(Terms& terms, SharedTerm term, DType dtype, Emitter& emitter) {
  bool merged = false;
  for (std::size_t i = 0; i < terms.size(); ++i) {
    if (std::optional<Term> both = merge(*terms[i], *term, dtype, emitter)) {
      terms.erase(terms.begin() + static_cast<std::ptrdiff_t>(i));
      term = shared(std::move(*both));
      merged = true;
      i = static_cast<std::size_t>(-1);  // the merged term may go on to merge
    }
  }
  terms.push_back(std::move(term));
  return merged;
}

// An addition's terms one by one. A difference stays one term, however it is written: of nearly
// equal numbers all digits would cancel.
Terms apart(const Form& a, const Form& b) {
  const auto terms_of = [](const Form& form) {
    return form.apart.empty() ? std::span(&form.single(), 1) : std::span(form.apart);
  };
  const std::span<const SharedTerm> first = terms_of(a), second = terms_of(b);
  if (first.size() + second.size() > kMaxTerms) return {};
  Terms terms;
  terms.reserve(first.size() + second.size());
  terms.insert(terms.end(), first.begin(), first.end());
  terms.insert(terms.end(), second.begin(), second.end());
  const bool differ = std::any_of(terms.begin(), terms.end(), [&](const SharedTerm& term) {
    return std::signbit(term->coef) != std::signbit(terms[0]->coef);
  });
  return differ ? Terms{} : terms;
}

bool is_simple(const SharedTerm& term) {
  return term->factors.size() <= 1 && summed_labels(*term).empty() && !has_identity(*term);
}

SharedTerm times(const SharedTerm& term, double coef) {
  if (coef == 1) return term;
  Term result = *term;
  result.coef *= coef;
  return shared(std::move(result));
}

// The term with each factor that has an image and the image as twins. Nothing without any.
std::optional<Term> twinned(const Term& term, const std::vector<std::size_t>& image) {
  Factors first, second, alone;
  for (std::size_t i = 0; i < image.size(); ++i) {
    if (image[i] == i) alone.push_back(term.factors[i]);
    if (image[i] <= i) continue;
    first.push_back(term.factors[i]);
    second.push_back(term.factors[image[i]]);
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

}  // namespace

std::optional<Term> paired(const Term& term) {
  if (is_doubled(term)) return {};
  for (const bool moves : {true, false}) {
    const auto image = mirror_of(term, moves);
    std::optional<Term> twins = image ? twinned(term, *image) : std::nullopt;
    if (twins) return twins;
  }
  return {};
}

std::optional<Form> Forms::sum(const Var& node) {
  const Var& x = node.inputs()[0];
  const Var& y = node.inputs()[1];
  if (!find(x) && !find(y)) return {};
  Form made_a, made_b;
  const Form &a = get(x, made_a), &b = get(y, made_b);
  const bool cut = a.terms.size() + b.terms.size() > kMaxTerms;
  const auto terms_of = [&](const Form& form) {
    return cut ? std::span(&form.single(), 1) : std::span(form.terms);
  };
  Form result;
  result.terms.reserve(terms_of(a).size() + terms_of(b).size());
  result.terms.insert(result.terms.end(), terms_of(a).begin(), terms_of(a).end());
  bool merged = false;
  for (const SharedTerm& summand : terms_of(b)) {
    SharedTerm term = times(summand, node.op().form.sum);
    if (merges_ == kMostMerges) {
      result.terms.push_back(std::move(term));
    } else if (add_term(result.terms, std::move(term), node.dtype(), emitter_)) {
      merged = true;
      ++merges_;
    }
  }
  if (!merged && std::all_of(result.terms.begin(), result.terms.end(), is_simple)) return {};
  if (result.terms.size() > 1) result.cut = shared(atom(node));
  if (node.op().form.sum > 0) {
    result.apart = apart(a, b);
    result.added_elements = node.elements();
  }
  result.work = a.work + b.work + 1;
  result.spreads = a.spreads || b.spreads;
  result.bare_sum = !merged;
  // Without an identity it is an atom to a product.
  if (!merged && !result.spreads) result.written = written_as_atom(node);
  return result;
}

}  // namespace hourglass::contract
