#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ae/model/spec.h"
#include "ae/model/spec_fields.h"
#include "tools/command_line.h"

namespace hourglass::tools {

// The options that shape a model, one for each row of ae::spec_fields() that has one: architecture,
// code rule, loss and modifiers. What is not given comes from the model's own defaults.
class ModelOptions {
 public:
  // What is read is kept here, which must not move.
  void add_to(const Command& command);

  // In --help, what a model of that spec has where an option is not given.
  void show_defaults(const ae::Spec& spec) const;

  // Lays what was given over a spec, in the order of the table. Throws Error where an option is out
  // of place or out of range.
  void apply(ae::Spec& spec) const;

  // What was given to the option of that name, --code without its dashes, or nothing.
  std::optional<Value> given(std::string_view name) const;
  std::vector<std::string> all_given() const;  // their names

 private:
  // Where the parser puts an option's words: one of them, by the kind of its field.
  struct Slot {
    const Field<ae::Spec>* field = nullptr;
    bool flag = false;
    std::optional<std::int64_t> integer = {};
    std::optional<std::uint64_t> large = {};
    std::optional<double> number = {};
    std::optional<std::string> text = {};
    std::optional<std::vector<std::int64_t>> integers = {};
    std::optional<std::vector<std::string>> texts = {};
    std::optional<Option> option = {};  // what the parser made of it

    template <class T>
    std::optional<T>& held() {
      if constexpr (std::is_same_v<T, std::int64_t>) return integer;
      if constexpr (std::is_same_v<T, std::uint64_t>) return large;
      if constexpr (std::is_same_v<T, double>) return number;
      if constexpr (std::is_same_v<T, std::string>) return text;
      if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) return integers;
      if constexpr (std::is_same_v<T, std::vector<std::string>>) return texts;
    }
    std::string name() const;
    std::optional<Value> value() const;
  };
  std::deque<Slot> slots_;
};

}  // namespace hourglass::tools
