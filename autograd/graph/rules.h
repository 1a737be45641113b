#pragma once

// What an op may tell the passes of itself, as fields of its definition: what a call costs, how it
// is written for less, what it is as a sum of products. Types only: the helpers that such rules are
// written with stand in cost.h, simplify_call.h and term.h.

#include <optional>

#include "autograd/graph/var.h"

namespace hourglass {

struct Call;
struct SimplifyCall;
namespace contract {
struct Term;
}

// The multiply-adds of one call, from its shapes.
using CostRule = double (*)(const Call& call);

// The same value for less, as a graph of the call's inputs; nothing where the rule does not apply.
using SimplifyRule = std::optional<Var> (*)(const SimplifyCall& call);

// The op in the contraction normal form (docs/contractions.md): the term of a call from those of
// its inputs. An op has at most one of constant, relabel, product, sum and factorwise; without any,
// its calls are atoms, but for lanes of one input, which commute with renaming.
struct FormRule {
  // Zeros and ones: a term without factors (eye).
  std::optional<contract::Term> (*constant)(const Call& call) = nullptr;
  // Linear in its one input: makes the input's term the result's. False where it cannot be done.
  bool (*relabel)(const Call& call, contract::Term& term) = nullptr;
  // Linear in each of its two inputs: the product of their terms, where it is one.
  std::optional<contract::Term> (*product)(const Call& call, const contract::Term& a,
                                           const contract::Term& b) = nullptr;
  // What input 1 contributes to the product, if not itself: 1 / b in a quotient.
  std::optional<contract::Term> (*second)(const Call& call, const contract::Term& b) = nullptr;
  // x + sum * y
  double sum = 0;
  // Is f(c x y) = f(c) f(x) f(y) for the coefficient and factors of this term?
  bool (*factorwise)(const Call& call, const contract::Term& term) = nullptr;

  bool spreads = false;      // the result has labels that no factor carries, or an identity
  bool opens_atoms = false;  // a product that counts even if both of its inputs are atoms
  bool squares = false;      // factorwise, and x^2: a sum inside may be written twice
};

}  // namespace hourglass
