#pragma once

#include "autograd/simplify/contract/contract.h"

namespace hourglass::contract {

// A value with one axis a label, each label once.
struct Operand {
  Var x;
  Labels labels;
};

Operand load(const Factor& factor);  // a label repeated in it takes the diagonal
Operand summed(const Operand& y, const Labels& gone);
Operand permuted(const Operand& y, const Labels& order);

// The product, summed over the labels that both have and that are not in `needed`: a (batched)
// matmul with flags, a broadcast product, or a product and a sum. Results prefer the order of
// labels of `ranking`.
Operand multiplied(const Operand& a, const Operand& b, const Labels& needed, const Labels& ranking);

// The value with its labels at the places they have in `out`, spread over the others; an eye for
// each label that is repeated. `is_one`: the value is the number 1.
Var spread(const Operand& value, bool is_one, const Axes& out);

// Sets of labels, in the order of the first.
Labels common(const Labels& a, const Labels& b);
Labels without(const Labels& a, const Labels& b);
Labels joined(Labels a, const Labels& b);
int index_of(const Labels& labels, Label label);

}  // namespace hourglass::contract
