#pragma once

// Enumerators by name, for the options and files of ae/. Internal to it.

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>
#include <vector>

#include "tensor/nearest_name.h"

namespace hourglass::ae {

template <class T, std::size_t n>
using Names = std::array<std::pair<std::string_view, T>, n>;

// Throws Error, with the nearest and all, if there is none of that name.
template <class T, std::size_t n>
T find_named(const Names<T, n>& names, std::string_view name, const char* what) {
  std::vector<std::string_view> known;
  for (const auto& [key, value] : names) {
    if (key == name) return value;
    known.push_back(key);
  }
  throw_unknown_name(what, name, known);
}

template <class T, std::size_t n>
std::string_view name_in(const Names<T, n>& names, T value) {
  return std::find_if(names.begin(), names.end(), [&](const auto& e) { return e.second == value; })
      ->first;
}

}  // namespace hourglass::ae
