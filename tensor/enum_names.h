#pragma once

// Enumerators by name. An enumeration has one table of names, behind names_of(E) in its own
// namespace; what it prints as, reads from, refuses and is helped with follows from that.

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/nearest_name.h"

namespace hourglass {

template <class E>
struct EnumNames {
  std::string_view what;  // "loss": what messages call it
  std::vector<std::pair<std::string_view, E>> names;
};

template <class E>
concept NamedEnum = requires(E value) {
  { names_of(value) } -> std::same_as<const EnumNames<E>&>;
};

// Throws Error for a number that stands for no enumerator.
template <NamedEnum E>
std::string_view name_of(E value) {
  const EnumNames<E>& table = names_of(value);
  for (const auto& [name, known] : table.names) {
    if (known == value) return name;
  }
  throw_unnamed(table.what, static_cast<long>(value));
}

// Throws Error, with the nearest name and all of them, if there is none of that name.
template <NamedEnum E>
E enum_named(std::string_view name) {
  const EnumNames<E>& table = names_of(E{});
  std::vector<std::string_view> known;
  for (const auto& [each, value] : table.names) {
    if (each == name) return value;
    known.push_back(each);
  }
  throw_unknown_name(table.what, name, known);
}

// All names, in the table's order.
template <NamedEnum E>
std::vector<std::string> enum_words() {
  std::vector<std::string> known;
  for (const auto& [name, value] : names_of(E{}).names) known.emplace_back(name);
  return known;
}

// "relu, sigmoid or tanh": for help texts.
template <NamedEnum E>
std::string enum_choices() {
  const std::vector<std::string> known = enum_words<E>();
  return either_of({known.begin(), known.end()});
}

}  // namespace hourglass
