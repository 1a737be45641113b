#include "autograd/graph/term.h"

#include <algorithm>
#include <atomic>

namespace hourglass::contract {
namespace {

template <class F>
void each_axis(Term& term, F&& f) {
  for (Factor& factor : term.factors) {
    for (Axis& axis : factor.axes) f(axis);
  }
  for (Axis& axis : term.out) f(axis);
}

void substitute(Axis& axis, Label from, const Axis& to) {
  for (std::size_t i = 0; i < axis.size(); ++i) {
    if (!(axis[i] == from)) continue;
    if (to.size() == 1) {
      axis[i] = to[0];
    } else {
      axis.erase(axis.begin() + static_cast<std::ptrdiff_t>(i));
      axis.insert(axis.begin() + static_cast<std::ptrdiff_t>(i), to.begin(), to.end());
      i += to.size() - 1;
    }
  }
}

// Gives each label a new name.
class Renaming {
 public:
  void operator()(Axis& axis) {
    for (Label& label : axis) label = name_of(label);
  }

 private:
  Label name_of(Label label) {
    for (const auto& [id, name] : names_) {  // they are few: a search beats a table
      if (id == label.id) return name;
    }
    names_.push_back({label.id, fresh(label.size)});
    return names_.back().second;
  }

  internal::ShortVector<std::pair<int, Label>> names_;
};

bool carried(const Term& term, Label label) {
  for (const Factor& factor : term.factors) {
    for (const Axis& axis : factor.axes) {
      if (contains(axis, label)) return true;
    }
  }
  return false;
}

// The last label of an axis, or a part of it: `label` is what remains in the term once it is split
// so that its last part has `size` values.
std::optional<Label> split_last(Term& term, Label label, std::int64_t size) {
  if (label.size == size) return label;
  if (label.size % size != 0) return {};
  const Label outer = fresh(label.size / size);
  const Label inner = fresh(size);
  substitute(term, label, {outer, inner});
  return inner;
}

// How the labels of `flat` fill axes of the given sizes, from the right. A label that is too large
// must be split first, so that its last part has `size` values.
struct Partition {
  bool misaligned = false;
  Label label;
  std::int64_t size = 0;
};
Partition partition(const Axis& flat, const std::vector<std::int64_t>& sizes,
                    std::vector<std::size_t>& lengths) {
  std::size_t left = flat.size();
  for (std::size_t i = sizes.size(); i-- > 0;) {
    std::size_t length = 0;
    std::int64_t rest = sizes[i];
    for (; rest > 1; ++length) {
      const Label last = flat[--left];
      if (last.size > rest) return {false, last, rest};
      if (rest % last.size != 0) return {true, {}, 0};
      rest /= last.size;
    }
    lengths.push_back(length);
  }
  return {};
}

Axes cut(const Axis& flat, const std::vector<std::size_t>& lengths) {
  Axes axes;
  auto next = flat.begin();
  for (auto length = lengths.rbegin(); length != lengths.rend(); ++length) {
    const auto end = next + static_cast<std::ptrdiff_t>(*length);
    axes.push_back(Axis(next, end));
    next = end;
  }
  return axes;
}

}  // namespace

Label fresh(std::int64_t size) {
  static std::atomic<int> next = 0;
  return {next.fetch_add(1, std::memory_order_relaxed), size};
}

Term atom(const Var& node) {
  Term term;
  for (std::int64_t size : node.shape().sizes()) {
    term.out.push_back(size == 1 ? Axis{} : Axis{fresh(size)});
  }
  term.factors.push_back({node, {}, term.out, 0});
  return term;
}

Term renamed(const Term& term) {
  Term result = term;
  each_axis(result, Renaming());
  return result;
}

Labels labels_of(const Axes& axes) {
  Labels labels;
  for (const Axis& axis : axes) {
    for (Label label : axis) {
      if (!contains(labels, label)) labels.push_back(label);
    }
  }
  return labels;
}

Labels summed_labels(const Term& term) {
  const Labels out = labels_of(term.out);
  Labels summed;
  for (const Factor& factor : term.factors) {
    for (const Axis& axis : factor.axes) {
      for (Label label : axis) {
        if (!contains(out, label) && !contains(summed, label)) summed.push_back(label);
      }
    }
  }
  return summed;
}

double size_of(std::span<const Label> labels) {
  double size = 1;
  for (Label label : labels) size *= static_cast<double>(label.size);
  return size;
}

bool has_identity(const Term& term) {
  Labels seen;
  for (const Axis& axis : term.out) {
    for (Label label : axis) {
      if (contains(seen, label)) return true;
      seen.push_back(label);
    }
  }
  return false;
}

bool is_doubled(const Term& term) {
  return std::any_of(term.factors.begin(), term.factors.end(),
                     [](const Factor& factor) { return factor.twin != 0; });
}

Shape shape_of(const Axes& axes) {
  std::vector<std::int64_t> sizes;
  for (const Axis& axis : axes) {
    std::int64_t size = 1;
    for (Label label : axis) size *= label.size;
    sizes.push_back(size);
  }
  return Shape(std::move(sizes));
}

void substitute(Term& term, Label from, const Axis& to) {
  each_axis(term, [&](Axis& axis) { substitute(axis, from, to); });
}

bool unify(Term& term, std::size_t i, std::size_t j) {
  // `done` labels at the right end of both axes are the same.
  for (std::size_t done = 0;; ++done) {
    const Axis& a = term.out[i];
    const Axis& b = term.out[j];
    if (a.size() <= done || b.size() <= done) return a.size() == b.size();
    const Label x = a[a.size() - 1 - done];
    const Label y = b[b.size() - 1 - done];
    if (x == y) continue;
    const std::optional<Label> u = split_last(term, x, std::min(x.size, y.size));
    const std::optional<Label> v = split_last(term, y, std::min(x.size, y.size));
    if (!u || !v) return false;
    substitute(term, *v, {*u});
  }
}

void keep_axes(Term& term, const AxisNumbers& kept) {
  const Labels before = labels_of(term.out);
  Axes out;
  out.reserve(kept.size());
  for (std::size_t i : kept) out.push_back(term.out[i]);
  term.out = std::move(out);
  const Labels after = labels_of(term.out);
  for (Label label : before) {
    if (!contains(after, label) && !carried(term, label))
      term.coef *= static_cast<double>(label.size);
  }
}

bool reshape(Term& term, const std::vector<std::int64_t>& sizes) {
  Axis flat;
  for (const Axis& axis : term.out) flat.insert(flat.end(), axis.begin(), axis.end());
  term.out = {flat};
  while (true) {
    std::vector<std::size_t> lengths;  // how many labels each axis takes, the last axis first
    const Partition found = partition(term.out[0], sizes, lengths);
    if (found.misaligned) return false;
    if (found.size == 0) {
      term.out = cut(term.out[0], lengths);
      return true;
    }
    // A label may be repeated, so a split can move what was counted: count again.
    if (!split_last(term, found.label, found.size)) return false;
  }
}

std::optional<Term> multiply(const Term& a, const Term& b, const AxisPairs& pairs) {
  Term result;
  result.coef = a.coef * b.coef;
  result.factors.reserve(a.factors.size() + b.factors.size());
  result.factors.insert(result.factors.end(), a.factors.begin(), a.factors.end());
  result.out.reserve(a.out.size() + b.out.size());
  result.out = a.out;
  Renaming rename;
  for (const Factor& factor : b.factors) {
    result.factors.push_back(factor);
    for (Axis& axis : result.factors.back().axes) rename(axis);
  }
  for (Axis axis : b.out) {
    rename(axis);
    result.out.push_back(axis);
  }
  for (const auto& [i, j] : pairs) {
    if (!unify(result, i, a.out.size() + j)) return {};
  }
  return result;
}

}  // namespace hourglass::contract
