#pragma once

#include <string>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/step.h"

namespace hourglass::internal {

// What a program is to compute: what is read after its last instruction, and what it is fed.
struct Request {
  std::vector<Var> outputs;
  std::vector<Update> updates;
  std::vector<Var> watch;
  std::vector<std::string> watch_names;  // for errors: equal values may have become one node
  std::vector<Var> inputs;

  std::vector<Var> kept() const;                     // outputs, new values and watched ones
  Request with(const std::vector<Var>& kept) const;  // these in their places
};

// Throws Error where the request makes no sense: see compile().
void check_request(const Request& request);

// The request with its graph made cheap: simplified, and without what only derivatives look at.
// Throws Error where two draws of random numbers share a stream, or where an input is not listed.
Request simplify(const Request& request);

}  // namespace hourglass::internal
