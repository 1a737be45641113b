#pragma once

#include <cstdint>
#include <string_view>

namespace hourglass::internal {

enum class Parsed : std::uint8_t { kNumber, kNone, kTooLarge };

// The whole field as a number. What is too small for f64 is 0 or subnormal; what is too large is
// told apart from what is no number.
Parsed parse_number(std::string_view field, bool decimal_comma, double& value);

// Stands for a missing value: as a word, or, in a column of numbers, as less.
bool is_missing_word(std::string_view field);
bool is_missing_number(std::string_view field);

// A date, a time of day, or both: 2020-03-09 10:14:33, 9/3/2020, 10:14.
bool is_time(std::string_view field);

}  // namespace hourglass::internal
