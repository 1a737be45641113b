#include "tools/field_options.h"

#include <fmt/core.h>

#include "ae/model/spec.h"
#include "nn/train/train_options.h"
#include "tensor/error.h"
#include "tools/data_options.h"

namespace hourglass::tools {
namespace {

// "code,latent" as the parser wants it: "--code,--latent".
std::string with_dashes(const std::string& words) {
  std::string names = "--";
  for (char c : words) names += c == ',' ? std::string(",--") : std::string(1, c);
  return names;
}

}  // namespace

template <class T>
std::optional<Value> FieldOptions<T>::Slot::value() const {
  if (flag) return flag;
  if (integer) return *integer;
  if (large) return *large;
  if (number) return *number;
  if (text) return *text;
  if (integers) return *integers;
  if (texts) return *texts;
  if (!option || !option->given()) return std::nullopt;
  // The parser leaves an optional list alone where its text is "": --hidden "" means none.
  return std::visit([]<class Held>(const Held&) -> Value { return Held{}; }, field->get(T{}));
}

template <class T>
void FieldOptions<T>::add_to(const Command& command) {
  std::string group;
  for (const Field<T>& field : *fields_) {
    if (field.option.empty()) continue;
    if (field.group != group) command.begin_group(group = field.group);
    Slot& slot = slots_.emplace_back();
    slot.field = &field;
    const std::string names = with_dashes(field.option);
    slot.option = std::visit(
        [&]<class Held>(const Held&) {
          if constexpr (std::is_same_v<Held, bool>) {
            return command.add_flag(names, slot.flag, field.help);
          } else {
            return command.add_option(names, slot.template held<Held>(), field.help);
          }
        },
        field.get(T{}));
    slot.option->offers(field.choices);
  }
}

template <class T>
void FieldOptions<T>::show_defaults(const T& object,
                                    const std::function<bool(const Field<T>&)>& hidden) const {
  for (const Slot& slot : slots_) {
    if (hidden(*slot.field)) continue;
    const Value value = slot.field->get(object);
    const std::string text = to_text(value);
    if (!std::holds_alternative<bool>(value) && !text.empty()) slot.option->shows(text);
  }
}

template <class T>
void FieldOptions<T>::apply(T& object) const {
  for (const Slot& slot : slots_) {
    const std::optional<Value> value = slot.value();
    if (!value) continue;
    const std::string refusal = slot.field->refusal ? slot.field->refusal(object) : "";
    if (!refusal.empty()) throw Error(fmt::format("--{} {}", option_name(*slot.field), refusal));
    slot.field->set(object, *value);
  }
}

template <class T>
std::optional<Value> FieldOptions<T>::given(std::string_view name) const {
  for (const Slot& slot : slots_) {
    if (option_name(*slot.field) == name) return slot.value();
  }
  return std::nullopt;
}

template <class T>
std::optional<std::string> FieldOptions<T>::take_text(std::string_view name) {
  for (Slot& slot : slots_) {
    if (option_name(*slot.field) != name) continue;
    slot.option.reset();
    return std::exchange(slot.text, std::nullopt);
  }
  return std::nullopt;
}

template <class T>
std::vector<std::string> FieldOptions<T>::all_given() const {
  std::vector<std::string> names;
  for (const Slot& slot : slots_) {
    if (slot.value()) names.push_back(option_name(*slot.field));
  }
  return names;
}

template class FieldOptions<ae::Spec>;
template class FieldOptions<nn::TrainOptions>;
template class FieldOptions<DataOptions>;

}  // namespace hourglass::tools
