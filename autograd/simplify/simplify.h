#pragma once

#include <vector>

#include "autograd/graph/var.h"

namespace hourglass {

// The same values by a cheaper graph: what is computed twice is computed once, what changes nothing
// goes, small constants are worked out, and products of sums of products are brought into the order
// that costs least (the contraction normal form: docs/contractions.md), so that
// sum(square(batch_jacobian(h, x))) becomes the closed form that a person would derive. grad calls
// it before and after, compile once. Scalar outputs are settled first, and the others share what
// those need: a loss belongs beside its gradient. Labels stay.
// Values are kept to rounding, but for two cases. (To rounding: a sum of squares may be computed
// through Gram matrices, and one that is 0 then comes out as, say, -1e-13.) Factors of a product
// are squared one by one, so where their squares leave the dtype's range and the square of their
// product does not, the result is not finite. And the zeros of an identity are structural: a NaN in
// a weight reaches only the units that it belongs to, where 0 * NaN would have spread it to all.
// Nodes in `keep` are not replaced and not looked through: derivatives with respect to them can be
// taken of the result. Nor are stop_gradient and after; x * 0 and x - x stay, since they are NaN
// where x is.
std::vector<Var> simplify(const std::vector<Var>& outputs, const std::vector<Var>& keep = {});

}  // namespace hourglass
