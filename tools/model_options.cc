#include "tools/model_options.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::tools {
namespace {

bool is_rule(const std::string& option) {
  const std::vector<std::string> rules = ae::rule_options();
  return std::find(rules.begin(), rules.end(), option) != rules.end();
}

// A code has one rule.
void check_rules(const std::vector<std::string>& given) {
  std::string all;
  int count = 0;
  for (const std::string& option : ae::rule_options()) {
    all += (all.empty() ? "--" : ", --") + option;
    count += std::find(given.begin(), given.end(), option) != given.end() ? 1 : 0;
  }
  if (count > 1) throw Error(fmt::format("a code has one rule: leave out all but one of {}", all));
}

}  // namespace

void ModelOptions::show_defaults(const ae::Spec& spec) const {
  FieldOptions::show_defaults(spec, [&](const Field<ae::Spec>& field) {
    const bool other_rule =
        field.option != ae::name_of(spec.rule).option && is_rule(option_name(field));
    return other_rule || (field.refusal && !field.refusal(spec).empty());
  });
}

void ModelOptions::apply(ae::Spec& spec) const {
  check_rules(all_given());
  FieldOptions::apply(spec);
}

}  // namespace hourglass::tools
