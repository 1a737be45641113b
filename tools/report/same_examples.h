#pragma once

#include <string>
#include <vector>

#include "tools/report/looked_at.h"

namespace hourglass::tools {

// What a run makes of examples that several look at.
struct Seen {
  std::string name;
  LookedAt looked;
};

// Adds to a comparison what all of them make of the same examples, as suits the kind of these.
void add_same_examples(Json& comparison, const std::vector<Seen>& all);

}  // namespace hourglass::tools
