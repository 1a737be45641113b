#include "nn/train/objective.h"

#include <fmt/core.h>

#include <cmath>
#include <set>

#include "autograd/ops/ops.h"
#include "tensor/error.h"

namespace hourglass::nn {
namespace {

void check_scalar(const Term& term, const char* what, const Var& x) {
  if (x.defined() && x.rank() == 0) return;
  throw Error(fmt::format("objective: {}: its {} must be a scalar: got {}", term.name, what,
                          x.defined() ? to_string(x.shape()) : "none"));
}

void check(const std::vector<Term>& terms) {
  if (terms.empty()) throw Error("objective: there is no term");
  std::set<std::string> names;
  for (const Term& term : terms) {
    if (term.name.empty()) throw Error("objective: a term has no name");
    if (!names.insert(term.name).second) {
      throw Error(fmt::format("objective: two terms are named {}", term.name));
    }
    if (!std::isfinite(term.weight)) {
      throw Error(fmt::format("objective: {}: its weight must be a finite number: got {}",
                              term.name, term.weight));
    }
    check_scalar(term, "value", term.value);
    if (term.ramp.defined()) check_scalar(term, "ramp", term.ramp);
  }
}

}  // namespace

Objective make_objective(std::vector<Term> terms) {
  check(terms);
  Objective result;
  for (const Term& term : terms) {
    term.value.named(term.name);
    Var part = term.weight == 1 ? term.value : term.weight * term.value;
    if (term.ramp.defined()) part = part * cast(term.ramp, part.dtype());
    result.loss = result.loss.defined() ? result.loss + part : part;
    result.parts.push_back(part);
  }
  result.terms = std::move(terms);
  return result;
}

}  // namespace hourglass::nn
