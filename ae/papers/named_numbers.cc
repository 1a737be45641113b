#include "ae/papers/named_numbers.h"

#include <fmt/core.h>

#include <charconv>

#include "tensor/error.h"

namespace hourglass::internal {

NamedNumbers parse_named_numbers(std::string_view what, const std::string& text) {
  const std::size_t colon = text.find(':');
  NamedNumbers result{.name = text.substr(0, colon), .numbers = {}};
  if (colon == std::string::npos) return result;
  const char* at = text.data() + colon + 1;
  const char* end = text.data() + text.size();
  for (;;) {
    double number = 0;
    const auto [next, error] = std::from_chars(at, end, number);
    if (error != std::errc() || (next != end && *next != ',')) {
      throw Error(fmt::format("{}: {}: expected a number at {}", what, text,
                              at == end ? "its end" : std::string(at, end)));
    }
    result.numbers.push_back(number);
    if (next == end) return result;
    at = next + 1;
  }
}

std::string named_numbers_text(std::string_view name, const std::vector<double>& numbers) {
  std::string text(name);
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? ":" : ",", numbers[i]);
  }
  return text;
}

}  // namespace hourglass::internal
