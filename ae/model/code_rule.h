#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ae/papers/k_sparse.h"
#include "ae/papers/vae.h"
#include "ae/papers/vq_vae.h"

namespace hourglass::ae {

// The encoder's last layer is the code.
struct Deterministic {
  static constexpr RuleName kName = {"deterministic"};
  static const std::vector<Field<Deterministic>>& fields();  // none
  void check(std::int64_t) const {}
  bool operator==(const Deterministic&) const = default;
};

// What becomes of the encoder's last layer, each with the numbers of its own. A further rule is a
// struct like those of the papers, and its name here; one that is a function of the last layer
// alone is called with it, rule(h).
using CodeRule = std::variant<Deterministic, TopK, Gaussian, Quantised>;

const RuleName& name_of(const CodeRule& rule);

// A rule of that name with its numbers' defaults; Error, listing all, if there is none.
CodeRule rule_named(std::string_view name);

// Calls f(R{}) for each rule R there is.
template <class F>
void for_each_rule(F&& f) {
  [&]<std::size_t... i>(std::index_sequence<i...>) {
    (f(std::variant_alternative_t<i, CodeRule>{}), ...);
  }
  (std::make_index_sequence<std::variant_size_v<CodeRule>>());
}

}  // namespace hourglass::ae
