#pragma once

#include <cstddef>
#include <string_view>

namespace hourglass::ae {

// How a code rule is called, and chosen on the command line: --top-k 10 gives the first of its
// fields, --codebook 64,8 the first two, --gaussian none.
struct RuleName {
  std::string_view name;
  std::string_view option = {};
  std::string_view help = {};
  std::size_t numbers = 0;
  bool has_terms = false;  // brings terms of its own, sums that are taken per image
};

}  // namespace hourglass::ae
