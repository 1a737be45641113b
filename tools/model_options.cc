#include "tools/model_options.h"

#include <fmt/core.h>

#include <algorithm>

#include "tensor/error.h"

namespace hourglass::tools {
namespace {

// "code,latent" as the parser wants it: "--code,--latent".
std::string with_dashes(const std::string& words) {
  std::string names = "--";
  for (char c : words) names += c == ',' ? std::string(",--") : std::string(1, c);
  return names;
}

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

std::string ModelOptions::Slot::name() const {
  return field->option.substr(0, field->option.find(','));
}

std::optional<Value> ModelOptions::Slot::value() const {
  if (flag) return flag;
  if (integer) return *integer;
  if (large) return *large;
  if (number) return *number;
  if (text) return *text;
  if (integers) return *integers;
  if (texts) return *texts;
  if (!option || !option->given()) return std::nullopt;
  // The parser leaves an optional list alone where its text is "": --hidden "" means none.
  return std::visit([]<class T>(const T&) -> Value { return T{}; }, field->get({}));
}

void ModelOptions::add_to(const Command& command) {
  std::string group;
  for (const Field<ae::Spec>& field : ae::spec_fields()) {
    if (field.option.empty()) continue;
    if (field.group != group) command.begin_group(group = field.group);
    Slot& slot = slots_.emplace_back();
    slot.field = &field;
    const std::string names = with_dashes(field.option);
    slot.option = std::visit(
        [&]<class T>(const T&) {
          if constexpr (std::is_same_v<T, bool>) {
            return command.add_flag(names, slot.flag, field.help);
          } else {
            return command.add_option(names, slot.template held<T>(), field.help);
          }
        },
        field.get({}));
  }
  command.begin_group("Options");
}

void ModelOptions::show_defaults(const ae::Spec& spec) const {
  for (const Slot& slot : slots_) {
    const bool other_rule =
        slot.field->option != ae::name_of(spec.rule).option && is_rule(slot.name());
    if (other_rule || (slot.field->refusal && !slot.field->refusal(spec).empty())) continue;
    const Value value = slot.field->get(spec);
    const std::string text = to_text(value);
    if (!std::holds_alternative<bool>(value) && !text.empty()) slot.option->shows(text);
  }
}

void ModelOptions::apply(ae::Spec& spec) const {
  check_rules(all_given());
  for (const Slot& slot : slots_) {
    const std::optional<Value> value = slot.value();
    if (!value) continue;
    const std::string refusal = slot.field->refusal ? slot.field->refusal(spec) : "";
    if (!refusal.empty()) throw Error(fmt::format("--{} {}", slot.name(), refusal));
    slot.field->set(spec, *value);
  }
}

std::optional<Value> ModelOptions::given(std::string_view name) const {
  for (const Slot& slot : slots_) {
    if (slot.name() == name) return slot.value();
  }
  return std::nullopt;
}

std::vector<std::string> ModelOptions::all_given() const {
  std::vector<std::string> names;
  for (const Slot& slot : slots_) {
    if (slot.value()) names.push_back(slot.name());
  }
  return names;
}

}  // namespace hourglass::tools
