#pragma once

// A struct's fields as a table, one row a field: what a file, a command line and a printed page say
// of it, and what is checked, follow from the row.

#include <array>
#include <concepts>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "tensor/enum_names.h"

namespace hourglass {

// What a field holds, as all of them see it. Enumerators are their names; a whole number is u64
// where it is too large for i64.
using Value = std::variant<bool, std::int64_t, double, std::string, std::vector<std::int64_t>,
                           std::vector<std::string>, std::uint64_t>;

std::string to_text(const Value& value);  // "yes", "0.5", "bce", "784,32", "l1:0.1 mmd:10"

// Numbers that a field takes; of a list, each.
struct Limits {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
  bool above = false, below = false;  // the least, the most itself is left out

  bool holds(double number) const;  // no infinity, where there is a least
  std::string text() const;         // "at least 0", "a positive number", "between 0 and 1"
};
inline constexpr Limits kPositive = {.least = 0, .above = true};
inline constexpr Limits kBetween0And1 = {.least = 0, .most = 1, .above = true, .below = true};
inline constexpr Limits kFrom0Below1 = {.least = 0, .most = 1, .below = true};
constexpr Limits at_least(double least) { return {.least = least}; }

// One row: a field of T, or of a part of it.
template <class T>
struct Field {
  std::string name;        // in files and messages; empty: an option that stands for other fields
  std::string option;      // "code,latent" for --code and --latent; empty: in files only
  std::string help;        // one line, without a full stop
  std::string group = {};  // the heading of its option in --help
  Limits limits = {};
  std::vector<std::string> choices = {};  // of text, where they are known: "mse", "gaussian:SCALE"
  std::function<Value(const T&)> get = {};
  std::function<void(T&, const Value&)> set = {};  // Error, naming the field, for another kind
  // Why an option has no place in such a T ("needs convolutions: ..."); empty where it has one.
  std::function<std::string(const T&)> refusal = {};
};

// Throws Error: "loss_scale must be a positive number: got -1".
void check_limits(std::string_view name, const Limits& limits, const Value& value);
template <class T>
void check_all_limits(const T& object, const std::vector<Field<T>>& fields) {
  for (const Field<T>& f : fields) {
    if (!f.name.empty()) check_limits(f.name, f.limits, f.get(object));
  }
}

[[noreturn]] void throw_wrong_kind(const std::string& name, const char* expected,
                                   const Value& value);
[[noreturn]] void throw_wrong_size(const std::string& name, std::size_t expected,
                                   const Value& value);

// How members become values and back. What is written as text has to_text(M), in its namespace, and
// M::from_text(text).
template <class M>
concept Textual = requires(const M& m) {
  { to_text(m) } -> std::convertible_to<std::string>;
  { M::from_text(std::string()) } -> std::same_as<M>;
};

template <class M>
struct FieldType;

template <>
struct FieldType<bool> {
  static Value value(bool m) { return m; }
  static void read(const std::string& name, const Value& value, bool& m) {
    if (!std::holds_alternative<bool>(value)) throw_wrong_kind(name, "true or false", value);
    m = std::get<bool>(value);
  }
};

template <std::integral M>
struct FieldType<M> {
  static constexpr const char* kKind =
      std::is_unsigned_v<M> ? "a whole number from 0 to 2^64 - 1" : "a whole number";
  using Wide = std::conditional_t<std::is_unsigned_v<M>, std::uint64_t, std::int64_t>;
  static Value value(M m) { return static_cast<Wide>(m); }
  template <class N>
  static bool set(const N* number, M& m) {
    if (!number || !std::in_range<M>(*number)) return false;
    m = static_cast<M>(*number);
    return true;
  }
  static void read(const std::string& name, const Value& value, M& m) {
    if (set(std::get_if<std::int64_t>(&value), m)) return;
    if (!set(std::get_if<std::uint64_t>(&value), m)) throw_wrong_kind(name, kKind, value);
  }
};

template <>
struct FieldType<double> {
  static Value value(double m) { return m; }
  static void read(const std::string& name, const Value& value, double& m) {
    if (const auto* whole = std::get_if<std::int64_t>(&value)) {
      m = static_cast<double>(*whole);
    } else if (const auto* large = std::get_if<std::uint64_t>(&value)) {
      m = static_cast<double>(*large);
    } else if (const auto* number = std::get_if<double>(&value)) {
      m = *number;
    } else {
      throw_wrong_kind(name, "a number", value);
    }
  }
};

template <>
struct FieldType<std::string> {
  static Value value(const std::string& m) { return m; }
  static void read(const std::string& name, const Value& value, std::string& m) {
    if (!std::holds_alternative<std::string>(value)) throw_wrong_kind(name, "text", value);
    m = std::get<std::string>(value);
  }
};

template <NamedEnum M>
struct FieldType<M> {
  static Value value(M m) { return std::string(name_of(m)); }
  static void read(const std::string& name, const Value& value, M& m) {
    std::string text;
    FieldType<std::string>::read(name, value, text);
    m = enum_named<M>(text);
  }
};

template <>
struct FieldType<std::vector<std::int64_t>> {
  using List = std::vector<std::int64_t>;
  static Value value(const List& m) { return m; }
  static void read(const std::string& name, const Value& value, List& m) {
    if (!std::holds_alternative<List>(value)) {
      throw_wrong_kind(name, "a list of whole numbers", value);
    }
    m = std::get<List>(value);
  }
};

template <>
struct FieldType<std::vector<std::string>> {
  using List = std::vector<std::string>;
  static Value value(const List& m) { return m; }
  static void read(const std::string& name, const Value& value, List& m) {
    const auto* none = std::get_if<std::vector<std::int64_t>>(&value);
    if (none && none->empty()) return m.clear();  // as a file has an empty list of anything
    if (!std::holds_alternative<List>(value)) throw_wrong_kind(name, "a list of texts", value);
    m = std::get<List>(value);
  }
};

template <std::size_t n>
struct FieldType<std::array<std::int64_t, n>> {
  static Value value(const std::array<std::int64_t, n>& m) {
    return std::vector<std::int64_t>(m.begin(), m.end());
  }
  static void read(const std::string& name, const Value& value, std::array<std::int64_t, n>& m) {
    std::vector<std::int64_t> list;
    FieldType<std::vector<std::int64_t>>::read(name, value, list);
    if (list.size() != n) throw_wrong_size(name, n, value);
    std::copy(list.begin(), list.end(), m.begin());
  }
};

template <Textual M>
struct FieldType<std::vector<M>> {
  static Value value(const std::vector<M>& m) {
    std::vector<std::string> texts;
    for (const M& each : m) texts.push_back(to_text(each));
    return texts;
  }
  static void read(const std::string& name, const Value& value, std::vector<M>& m) {
    std::vector<std::string> texts;
    FieldType<std::vector<std::string>>::read(name, value, texts);
    m.clear();
    for (const std::string& text : texts) m.push_back(M::from_text(text));
  }
};

// What a field's text may be, where that is one of some names.
template <class M>
std::vector<std::string> choices_of() {
  if constexpr (NamedEnum<M>) {
    return enum_words<M>();
  } else {
    return {};
  }
}

// The row of a member.
template <class T, class M>
Field<T> field(std::string name, std::string option, std::string help, M T::*member,
               Limits limits = {}) {
  return {.name = name,
          .option = std::move(option),
          .help = std::move(help),
          .limits = limits,
          .choices = choices_of<M>(),
          .get = [member](const T& object) { return FieldType<M>::value(object.*member); },
          .set = [name, member](T& object,
                                const Value& v) { FieldType<M>::read(name, v, object.*member); }};
}

// The row of what `of` finds in an object or in a const one.
template <class T, class Of>
Field<T> part(std::string name, std::string option, std::string help, Of of, Limits limits = {}) {
  using M = std::remove_cvref_t<std::invoke_result_t<Of, T&>>;
  return {
      .name = name,
      .option = std::move(option),
      .help = std::move(help),
      .limits = limits,
      .choices = choices_of<M>(),
      .get = [of](const T& object) { return FieldType<M>::value(of(object)); },
      .set = [name, of](T& object, const Value& v) { FieldType<M>::read(name, v, of(object)); }};
}

// The same row, of text that has one of these forms.
template <class T>
Field<T> with_choices(std::vector<std::string> choices, Field<T> row) {
  row.choices = std::move(choices);
  return row;
}

// The rows of a part of T, which `of` finds, as rows of T.
template <class T, class Part, class Of>
std::vector<Field<T>> part_fields(const std::vector<Field<Part>>& rows, Of of) {
  std::vector<Field<T>> all;
  for (const Field<Part>& row : rows) {
    all.push_back({.name = row.name,
                   .option = row.option,
                   .help = row.help,
                   .limits = row.limits,
                   .choices = row.choices,
                   .get = [row, of](const T& object) { return row.get(of(object)); },
                   .set = [row, of](T& object, const Value& v) { row.set(of(object), v); }});
  }
  return all;
}

}  // namespace hourglass
