#include "tensor/nearest_name.h"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <utility>

#include "tensor/error.h"

namespace hourglass {
namespace {

// How many letters must be changed, left out, added or swapped with a neighbour to make one word
// the other (Damerau and Levenshtein, without changes of what was swapped).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), above(b.size() + 1), row(b.size() + 1);
  std::iota(row.begin(), row.end(), 0);
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = above[j - 1] + (a[i - 1] != b[j - 1]);
      row[j] = std::min({changed, above[j] + 1, row[j - 1] + 1});
      const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

std::string_view nearest_name(std::string_view name, const std::vector<std::string_view>& known) {
  std::string_view nearest;
  std::size_t least = std::max<std::size_t>(1, name.size() / 3) + 1;
  for (std::string_view candidate : known) {
    const bool beginning = name.size() > 1 && candidate.starts_with(name);
    const std::size_t far = beginning ? 1 : distance(name, candidate);
    if (far >= least || far >= name.size()) continue;
    least = far;
    nearest = candidate;
  }
  return nearest;
}

void throw_unknown_name(std::string_view what, std::string_view name,
                        const std::vector<std::string_view>& known) {
  const std::string_view nearest = nearest_name(name, known);
  std::string all;
  for (std::string_view candidate : known) {
    all += all.empty() ? "" : ", ";
    all += candidate;
  }
  if (nearest.empty()) {
    throw Error(fmt::format("{}: there is none named {}: expected one of {}", what, name, all));
  }
  throw Error(fmt::format("{}: there is none named {}: did you mean {}? Expected one of {}", what,
                          name, nearest, all));
}

void throw_unnamed(std::string_view what, long value) {
  throw Error(fmt::format("{}: no name stands for {}", what, value));
}

std::string either_of(const std::vector<std::string_view>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

}  // namespace hourglass
