#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "tensor/fields.h"
#include "tools/command_line.h"

namespace hourglass::tools {

// The options of a table of T's fields, one for each row that has one. Of ae::Spec and
// nn::TrainOptions.
template <class T>
class FieldOptions {
 public:
  explicit FieldOptions(const std::vector<Field<T>>& fields) : fields_(&fields) {}

  // What is read is kept here, which must not move until then. Rows with a group begin it.
  void add_to(const Command& command);

  // In --help, what the object has where an option is not given; but for rows that are hidden.
  void show_defaults(const T& object, const std::function<bool(const Field<T>&)>& hidden) const;

  // Lays what was given over the object, in the order of the table. Throws Error where an option is
  // out of place or of another kind.
  void apply(T& object) const;

  // What was given to the option of that name, --code without its dashes, or nothing.
  std::optional<Value> given(std::string_view name) const;
  std::vector<std::string> all_given() const;  // their names
  // The text that was given to an option and means something else: none is given then.
  std::optional<std::string> take_text(std::string_view name);

 private:
  // Where the parser puts an option's words: one of them, by the kind of its field.
  struct Slot {
    const Field<T>* field = nullptr;
    bool flag = false;
    std::optional<std::int64_t> integer = {};
    std::optional<std::uint64_t> large = {};
    std::optional<double> number = {};
    std::optional<std::string> text = {};
    std::optional<std::vector<std::int64_t>> integers = {};
    std::optional<std::vector<std::string>> texts = {};
    std::optional<Option> option = {};  // what the parser made of it

    template <class U>
    std::optional<U>& held() {
      if constexpr (std::is_same_v<U, std::int64_t>) return integer;
      if constexpr (std::is_same_v<U, std::uint64_t>) return large;
      if constexpr (std::is_same_v<U, double>) return number;
      if constexpr (std::is_same_v<U, std::string>) return text;
      if constexpr (std::is_same_v<U, std::vector<std::int64_t>>) return integers;
      if constexpr (std::is_same_v<U, std::vector<std::string>>) return texts;
    }
    std::optional<Value> value() const;
  };
  const std::vector<Field<T>>* fields_;
  std::deque<Slot> slots_;
};

// The first of a row's words: "code" of "code,latent".
template <class T>
std::string option_name(const Field<T>& field) {
  return field.option.substr(0, field.option.find(','));
}

}  // namespace hourglass::tools
