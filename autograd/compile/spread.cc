#include "autograd/compile/spread.h"

namespace hourglass::internal {

Spread spread_of(const Var& broadcast) {
  return spread_between(broadcast.inputs()[0].shape(), broadcast.shape());
}

Spread spread_between(const Shape& x, const Shape& y) {
  if (x.elements() == 1) return {true, Pattern::kScalar, 0};
  // Of y's axes, from the last: those that x has in full, and those that it repeats.
  const auto repeated = [&](int from_end) {
    return from_end > x.rank() || (x[-from_end] == 1 && y[-from_end] != 1);
  };
  const auto free = [&](int from_end) { return y[-from_end] == 1; };
  int i = 1;
  std::int64_t columns = 1;
  const auto run = [&](bool want) {
    std::int64_t product = 1;
    while (i <= y.rank() && (free(i) || repeated(i) == want)) product *= y[-i++];
    return product;
  };
  const std::int64_t kept_last = run(false);
  if (kept_last > 1) {  // x holds the last axes: a row that is repeated
    columns = kept_last;
    run(true);
    return {i > y.rank(), Pattern::kRow, columns};
  }
  columns = run(true);
  run(false);
  const bool again = i <= y.rank();  // all rows, as a channel's bias for each image
  run(true);
  return {i > y.rank(), Pattern::kColumn, columns, again};
}

bool fix_columns(std::int64_t& columns, std::int64_t wanted) {
  if (wanted == 0 || columns == wanted) return true;
  if (columns != 0) return false;
  columns = wanted;
  return true;
}

}  // namespace hourglass::internal
