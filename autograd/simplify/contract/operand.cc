#include "autograd/simplify/contract/operand.h"

#include <algorithm>
#include <iterator>

#include "autograd/ops/ops.h"

namespace hourglass::contract {
namespace {

using Sizes = std::vector<std::int64_t>;

Sizes sizes_of(const Labels& labels) {
  Sizes sizes;
  for (Label label : labels) sizes.push_back(label.size);
  return sizes;
}

std::int64_t elements_of(const Labels& labels) {
  std::int64_t elements = 1;
  for (Label label : labels) elements *= label.size;
  return elements;
}

// x with one axis a label.
Var with_axes(const Var& x, const Labels& labels) {
  const bool has =
      std::equal(labels.begin(), labels.end(), x.shape().sizes().begin(), x.shape().sizes().end(),
                 [](Label label, std::int64_t size) { return label.size == size; });
  return has ? x : reshape(x, Shape(sizes_of(labels)));
}

template <class Condition>
Labels filtered(const Labels& labels, const Condition& condition) {
  Labels kept;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(kept), condition);
  return kept;
}

// The places of a label that is repeated, or none.
std::optional<std::pair<std::size_t, std::size_t>> repeated(const Labels& labels) {
  for (std::size_t i = 0; i < labels.size(); ++i) {
    for (std::size_t j = i + 1; j < labels.size(); ++j) {
      if (labels[i] == labels[j]) return std::pair(i, j);
    }
  }
  return {};
}

// The diagonal of axes i and j, which becomes the last axis.
Operand diagonal_of(const Operand& y, std::size_t i, std::size_t j) {
  std::vector<int> permutation;
  Labels labels;
  for (std::size_t k = 0; k < y.labels.size(); ++k) {
    if (k == i || k == j) continue;
    permutation.push_back(static_cast<int>(k));
    labels.push_back(y.labels[k]);
  }
  labels.push_back(y.labels[i]);
  permutation.push_back(static_cast<int>(i));
  permutation.push_back(static_cast<int>(j));
  return {diagonal(transpose(y.x, permutation)), labels};
}

// An operand as matrices [batch, first, second], or stored as [batch, second, first].
struct Matrices {
  Var x;
  bool flipped = false;
};

bool lies_as(const Operand& y, const Labels& batch, const Labels& first, const Labels& second) {
  return y.labels == joined(joined(batch, first), second);
}

Matrices as_matrices(const Operand& y, const Labels& batch, const Labels& first,
                     const Labels& second) {
  const bool flipped = lies_as(y, batch, second, first) && !lies_as(y, batch, first, second);
  const Labels& rows = flipped ? second : first;
  const Labels& columns = flipped ? first : second;
  Sizes sizes = {elements_of(batch), elements_of(rows), elements_of(columns)};
  if (batch.empty()) sizes.erase(sizes.begin());
  const Operand moved = permuted(y, joined(joined(batch, rows), columns));
  return {reshape(moved.x, Shape(std::move(sizes))), flipped};
}

// The labels that both operands have, in an order that both must keep.
struct Groups {
  Labels batch, inner;
};

// Of the orders that the operands themselves have, the one that leaves least to be moved.
Groups groups_of(const Operand& a, const Operand& b, const Labels& batch, const Labels& inner) {
  const auto moved = [&](const Groups& groups, const Operand& y) {
    const Labels free = without(without(y.labels, batch), inner);
    const bool lies = lies_as(y, groups.batch, free, groups.inner) ||
                      lies_as(y, groups.batch, groups.inner, free);
    return lies ? 0 : size_of(y.labels);
  };
  Groups best{common(a.labels, batch), common(a.labels, inner)};
  if (batch.size() <= 1 && inner.size() <= 1) return best;
  double least = -1;
  for (const Operand* first : {&a, &b}) {
    for (const Operand* second : {&a, &b}) {
      const Groups groups{common(first->labels, batch), common(second->labels, inner)};
      const double now = moved(groups, a) + moved(groups, b);
      if (least >= 0 && now >= least) continue;
      least = now;
      best = groups;
    }
  }
  return best;
}

Operand matrix_product(const Operand& a, const Operand& b, const Labels& batch,
                       const Labels& inner) {
  const Groups groups = groups_of(a, b, batch, inner);
  const Labels shared = joined(batch, inner);
  const Labels rows = without(a.labels, shared);
  const Labels columns = without(b.labels, shared);
  const Matrices left = as_matrices(a, groups.batch, rows, groups.inner);
  const Matrices right = as_matrices(b, groups.batch, groups.inner, columns);
  const Labels all = joined(joined(groups.batch, rows), columns);
  const Var product = matmul(left.x, right.x, left.flipped, right.flipped);
  return {with_axes(product, all), all};
}

// In the order of the operand that has all labels; else in that of `ranking`, since the operands
// are then smaller than the result, and easier to move.
Operand broadcast_product(const Operand& a, const Operand& b, const Labels& ranking) {
  Labels all;
  if (without(b.labels, a.labels).empty()) {
    all = a.labels;
  } else if (without(a.labels, b.labels).empty()) {
    all = b.labels;
  } else {
    all = common(ranking, joined(a.labels, b.labels));
  }
  const auto spread_over_all = [&](const Operand& y) {
    const Operand moved = permuted(y, common(all, y.labels));
    if (moved.labels == all) return moved.x;
    Sizes sizes;
    for (Label label : all) sizes.push_back(contains(y.labels, label) ? label.size : 1);
    return reshape(moved.x, Shape(std::move(sizes)));
  };
  return {spread_over_all(a) * spread_over_all(b), all};
}

int rank(const Labels& labels, const Labels& ranking) {
  int least = static_cast<int>(ranking.size());
  for (Label label : labels) least = std::min(least, index_of(ranking, label));
  return least;
}

}  // namespace

int index_of(const Labels& labels, Label label) {
  return static_cast<int>(std::find(labels.begin(), labels.end(), label) - labels.begin());
}

Labels joined(Labels a, const Labels& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

Labels common(const Labels& a, const Labels& b) {
  return filtered(a, [&](Label label) { return contains(b, label); });
}

Labels without(const Labels& a, const Labels& b) {
  return filtered(a, [&](Label label) { return !contains(b, label); });
}

Operand permuted(const Operand& y, const Labels& order) {
  if (y.labels == order) return y;
  std::vector<int> permutation;
  for (Label label : order) permutation.push_back(index_of(y.labels, label));
  return {transpose(y.x, permutation), order};
}

Operand summed(const Operand& y, const Labels& gone) {
  if (gone.empty()) return y;
  std::vector<int> axes;
  for (Label label : gone) axes.push_back(index_of(y.labels, label));
  return {sum(y.x, axes), without(y.labels, gone)};
}

Operand load(const Factor& factor) {
  Labels labels;
  for (const Axis& axis : factor.axes) labels.insert(labels.end(), axis.begin(), axis.end());
  Operand result{with_axes(factor.node, labels), labels};
  while (const auto pair = repeated(result.labels)) {
    result = diagonal_of(result, pair->first, pair->second);
  }
  return result;
}

Operand multiplied(const Operand& a, const Operand& b, const Labels& needed,
                   const Labels& ranking) {
  const Labels shared = common(a.labels, b.labels);
  const Labels batch = common(shared, needed);
  const Labels inner = without(shared, needed);
  const Labels rows = without(a.labels, shared);
  const Labels columns = without(b.labels, shared);
  if (inner.empty() || (rows.empty() && columns.empty())) {
    return summed(broadcast_product(a, b, ranking), inner);
  }
  // The group whose first label comes first becomes the rows.
  const bool swap =
      !columns.empty() && (rows.empty() || rank(columns, ranking) < rank(rows, ranking));
  return swap ? matrix_product(b, a, batch, inner) : matrix_product(a, b, batch, inner);
}

Var spread(const Operand& value, bool is_one, const Axes& out) {
  Labels places;
  for (const Axis& axis : out) places.insert(places.end(), axis.begin(), axis.end());
  const Operand moved = permuted(value, common(labels_of(out), value.labels));
  if (moved.labels == places) return reshape(moved.x, shape_of(out));
  Sizes sizes(places.size(), 1);
  for (Label label : moved.labels) {
    sizes[static_cast<std::size_t>(index_of(places, label))] = label.size;
  }
  Var x = reshape(moved.x, Shape(sizes));
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto first = static_cast<std::size_t>(index_of(places, places[i]));
    if (first == i) continue;
    Sizes ones(places.size(), 1);
    ones[first] = ones[i] = places[i].size;
    const Var identity = reshape(eye(places[i].size, x.dtype()), Shape(ones));
    x = is_one ? identity : x * identity;
    is_one = false;
  }
  return reshape(broadcast_to(x, Shape(sizes_of(places))), shape_of(out));
}

}  // namespace hourglass::contract
