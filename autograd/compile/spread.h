#pragma once

#include <cstdint>

#include "autograd/compile/instruction.h"

namespace hourglass::internal {

// How broadcast_to spreads its input over the flattened output, if a loop can do it on the way.
struct Spread {
  bool possible = false;
  Pattern pattern = Pattern::kFull;
  std::int64_t columns = 0;
  bool again = false;  // of a column: its rows are repeated; of a sum no loop's end
};
Spread spread_of(const Var& broadcast);
// The same for x broadcast to y; or, the other way round, for y summed to x.
Spread spread_between(const Shape& x, const Shape& y);

// Sets a loop's length of rows if it is not fixed yet: false if it is, to another one.
bool fix_columns(std::int64_t& columns, std::int64_t wanted);

}  // namespace hourglass::internal
