#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "autograd/graph/var.h"
#include "autograd/ops/random.h"

namespace hourglass {

// A parameter and the value that replaces it after a run.
struct Update {
  Var parameter;
  Var value;
};

// What forward code with state takes: dropout reads the key, optimisers, batch-norm statistics and
// codebook averages record updates. The step is an i32 parameter that the program itself advances,
// so that nothing that changes from step to step is baked into a graph.
struct Step {
  bool training = true;
  RandomKey key;  // its step is `step`
  Var step;       // i32 scalar, 0 at the first run
  // Written after the run by compile(step, ...); two updates of one parameter are an Error.
  std::vector<Update> updates;

  // Records a new value, and returns it: a program that reads what is returned, and does not write
  // it back, is refused.
  Var update(const Var& parameter, const Var& value);

  // The stream of a layer's or a model's own draws, named after where it stands: the LabelScopes
  // that are open, a dot, and its own name. Throws Error where the name was taken in this step.
  Stream stream(const Stream& own);
  std::set<std::string> streams;  // the names that are taken
};

// A step with a parameter of its own that counts from `first` and an update that advances it.
Step make_step(std::uint64_t seed, bool training = true, std::int32_t first = 0);

// The value, marked as what a parameter is to become. The mark is the identity; compile checks it
// and looks through it.
Var new_value(const Var& value, const Var& parameter);
bool is_new_value(const Var& x);

}  // namespace hourglass
