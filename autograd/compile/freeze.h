#pragma once

#include "autograd/compile/request.h"

namespace hourglass::internal {

// The request with the parameters that it does not update as constants, of the values that they
// have now: what depends on these alone is computed, and the weights of products are transposed,
// once, into the order in which they are read.
Request freeze(const Request& request);

}  // namespace hourglass::internal
