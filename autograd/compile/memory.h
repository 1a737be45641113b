#pragma once

#include <string_view>
#include <vector>

#include "autograd/graph/var.h"

namespace hourglass::internal {

// Throws Error (see check_memory) unless so many copies of the tensors, and one more of the
// largest, fit in what the machine has left. Names the largest.
void check_copies_fit(std::string_view who, std::string_view what, std::vector<Var> tensors,
                      int copies);

}  // namespace hourglass::internal
