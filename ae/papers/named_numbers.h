#pragma once

// Values that are a name and numbers, with one textual form for the command line and for files:
// "masking:0.25", "kl:0.05,1".

#include <string>
#include <string_view>
#include <vector>

namespace hourglass::internal {

struct NamedNumbers {
  std::string name;
  std::vector<double> numbers;
};

// "NAME:NUMBER,NUMBER" taken apart; Error, naming `what`, where a number is not one.
NamedNumbers parse_named_numbers(std::string_view what, const std::string& text);

// Put together again.
std::string named_numbers_text(std::string_view name, const std::vector<double>& numbers);

}  // namespace hourglass::internal
