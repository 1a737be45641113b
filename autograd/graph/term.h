#pragma once

// Sums of products: what the contraction normal form is made of (docs/contractions.md), and what an
// op's FormRule gives.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "autograd/graph/op.h"
#include "tensor/short_vector.h"

namespace hourglass::contract {

// One index of a sum of products, with the number of values it takes (always more than 1).
struct Label {
  int id = 0;
  std::int64_t size = 1;

  bool operator==(const Label& other) const { return id == other.id; }
  bool operator<(const Label& other) const { return id < other.id; }
};
Label fresh(std::int64_t size);  // a label that is nowhere else

using Labels = internal::ShortVector<Label, 4>;  // a set
// An axis of a tensor: its index is those of the labels, row-major. () has size 1. Most have one
// label, and most tensors two axes: they lie in the term itself.
using Axis = internal::ShortVector<Label, 1>;
using Axes = internal::ShortVector<Axis, 2>;

// The 0/1 factor of a convolution along one of its axes: tap[u, q, t] is 1 where position u of the
// image is what tap t of the weight meets at position q of the result. Any two determine the third.
struct Tap {
  std::int64_t stride = 1, dilation = 1, pad = 0;  // u = stride q + dilation t - pad

  bool operator==(const Tap&) const = default;
};

struct Factor {
  Var node;  // undefined for a tap, whose axes are [u, q, t]
  Tap tap;
  Axes axes;  // one an axis of the node
  // How many factors further the same factor of the other copy stands, where a square was doubled;
  // 0 where it was not. The labels in which twins differ mirror each other.
  int twin = 0;
};
using Factors = internal::ShortVector<Factor, 2>;

// coef times the sum, over the labels that `out` lacks, of the product of the factors. A label
// that is repeated in `out` is an identity; one that no factor carries is a broadcast.
struct Term {
  double coef = 1;
  Factors factors;
  Axes out;
};

// --- what rules are written with

using AxisNumbers = internal::ShortVector<std::size_t, 4>;
using AxisPairs = internal::ShortVector<std::pair<std::size_t, std::size_t>, 4>;

Term atom(const Var& node);
Term renamed(const Term& term);  // all labels afresh
Labels labels_of(const Axes& axes);
Labels summed_labels(const Term& term);
inline bool contains(std::span<const Label> labels, Label label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}
double size_of(std::span<const Label> labels);  // the product of the sizes
bool has_identity(const Term& term);
bool is_doubled(const Term& term);
Shape shape_of(const Axes& axes);

void substitute(Term& term, Label from, const Axis& to);
// Makes out axes i and j the same index, splitting labels from the right by divisibility. False,
// and the term is spoilt, if they do not align.
bool unify(Term& term, std::size_t i, std::size_t j);
// Keeps the out axes of these numbers, in this order; the others are summed over.
void keep_axes(Term& term, const AxisNumbers& kept);
bool reshape(Term& term, const std::vector<std::int64_t>& sizes);  // false as for unify
// a times b with the pairs of out axes unified; out is a's axes, then b's.
std::optional<Term> multiply(const Term& a, const Term& b, const AxisPairs& pairs);

}  // namespace hourglass::contract
