#include "ae/model/code_rule.h"

#include "tensor/nearest_name.h"

namespace hourglass::ae {

const std::vector<Field<Deterministic>>& Deterministic::fields() {
  static const std::vector<Field<Deterministic>> none;
  return none;
}

const RuleName& name_of(const CodeRule& rule) {
  return std::visit([](const auto& r) -> const RuleName& { return r.kName; }, rule);
}

CodeRule rule_named(std::string_view name) {
  std::vector<std::string_view> known;
  std::vector<CodeRule> found;
  for_each_rule([&](const auto& rule) {
    known.push_back(rule.kName.name);
    if (rule.kName.name == name) found = {rule};
  });
  if (found.empty()) throw_unknown_name("code rule", name, known);
  return found[0];
}

}  // namespace hourglass::ae
