#include "tensor/files/csv_fields.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <string>

namespace hourglass::internal {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Whether a number out of f64's range is so since it is small: by the place of its first digit that
// is not 0.
bool is_small(std::string_view number) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  long power = 0;
  if (e < number.size()) {
    const std::string_view exponent = number.substr(e + 1);
    const bool positive = exponent.starts_with('+');
    const auto result = std::from_chars(exponent.data() + (positive ? 1 : 0),
                                        exponent.data() + exponent.size(), power);
    if (result.ec != std::errc()) return exponent.starts_with('-');
  }
  const std::string_view digits = number.substr(0, e);
  const std::size_t point = std::min(digits.find('.'), digits.size());
  const std::size_t first = digits.find_first_of("123456789");
  if (first == std::string_view::npos) return true;
  return power + static_cast<long>(point) - static_cast<long>(first) < 0;
}

bool is_one_of(std::string_view field, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return std::equal(field.begin(), field.end(), word.begin(), word.end(), [](char a, char b) {
      return std::tolower(static_cast<unsigned char>(a)) == b;
    });
  });
}

// Takes up to `most` digits off the front; how many there were.
std::size_t take_digits(std::string_view& text, std::size_t most) {
  std::size_t n = 0;
  while (n < text.size() && n < most && is_digit(text[n])) ++n;
  text.remove_prefix(n);
  return n;
}

bool take(std::string_view& text, std::string_view any) {
  if (text.empty() || any.find(text[0]) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// The year first or last.
bool take_date(std::string_view& text) {
  std::string_view rest = text;
  const std::size_t first = take_digits(rest, 4);
  const char joint = rest.empty() ? ' ' : rest[0];
  if (first == 0 || first == 3 || !take(rest, "-/.")) return false;
  const std::size_t second = take_digits(rest, 2);
  if (second == 0 || !take(rest, {&joint, 1})) return false;
  const std::size_t third = take_digits(rest, first == 4 ? 2 : 4);
  if (third == 0 || third == 3 || (first != 4 && third == 1)) return false;
  text = rest;
  return true;
}

// The time of a day, a part of a second and a zone with it.
bool take_clock(std::string_view& text) {
  std::string_view rest = text;
  if (take_digits(rest, 2) == 0 || !take(rest, ":") || take_digits(rest, 2) != 2) return false;
  if (take(rest, ":") && take_digits(rest, 2) != 2) return false;
  if (take(rest, ".,")) take_digits(rest, 12);
  take(rest, " ");
  if (is_one_of(rest, {"am", "pm", "z", "utc"})) rest = {};
  if (take(rest, "+-")) {
    take_digits(rest, 2);
    take(rest, ":");
    take_digits(rest, 2);
  }
  text = rest;
  return true;
}

}  // namespace

Parsed parse_number(std::string_view field, bool decimal_comma, double& value) {
  std::string pointed;
  if (decimal_comma) {
    if (field.find('.') != std::string_view::npos) return Parsed::kNone;
    pointed = field;
    std::replace(pointed.begin(), pointed.end(), ',', '.');
    field = pointed;
  }
  if (field.starts_with('+') && !field.substr(1).starts_with('-')) field.remove_prefix(1);
  const char* end = field.data() + field.size();
  const auto result = std::from_chars(field.data(), end, value);
  if (result.ec == std::errc::invalid_argument || result.ptr != end) return Parsed::kNone;
  if (result.ec == std::errc()) return Parsed::kNumber;
  long double wide = 0;
  const auto wider = std::from_chars(field.data(), end, wide);
  if (wider.ec == std::errc() && std::fabs(wide) <= std::numeric_limits<double>::max()) {
    value = static_cast<double>(wide);
    return Parsed::kNumber;
  }
  if (wider.ec == std::errc() || !is_small(field)) return Parsed::kTooLarge;
  value = 0;
  return Parsed::kNumber;
}

bool is_missing_word(std::string_view field) {
  return field.empty() || is_one_of(field, {"?", "na", "n/a", "nan", "null", "<na>", "#n/a"});
}

bool is_missing_number(std::string_view field) {
  return is_missing_word(field) || is_one_of(field, {"-", ".", "none", "nil", "-nan", "+nan"});
}

bool is_time(std::string_view field) {
  if (take_date(field)) {
    if (field.empty()) return true;
    if (!take(field, "Tt ")) return false;
  }
  return take_clock(field) && field.empty();
}

}  // namespace hourglass::internal
