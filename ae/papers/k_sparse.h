#pragma once

#include <cstdint>
#include <vector>

#include "ae/papers/rule_name.h"
#include "autograd/graph/var.h"
#include "tensor/fields.h"

namespace hourglass::ae {

// The k largest of each row of h stay, the others become 0. Throws Error unless 1 <= k <= H.
Var keep_largest(const Var& h, std::int64_t k);

// The code rule: all but the `active` largest units are set to 0. Makhzani & Frey, 2013.
struct TopK {
  std::int64_t active = 0;

  static constexpr RuleName kName = {"top-k", "top-k",
                                     "Only so many units of the code, the largest, stay", 1};
  static const std::vector<Field<TopK>>& fields();
  void check(std::int64_t code_width) const;  // Error unless 1 <= active <= code_width
  Var operator()(const Var& h) const { return keep_largest(h, active); }
  bool operator==(const TopK&) const = default;
};

}  // namespace hourglass::ae
