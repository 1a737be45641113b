#include "tensor/fields.h"

#include <fmt/core.h>

#include <cmath>

#include "tensor/counted.h"
#include "tensor/error.h"

namespace hourglass {
namespace {

std::string joined(const std::vector<std::string>& parts, const char* between) {
  std::string text;
  for (std::size_t i = 0; i < parts.size(); ++i) text += (i == 0 ? "" : between) + parts[i];
  return text;
}

std::string value_text(bool value) { return value ? "yes" : "no"; }
std::string value_text(std::int64_t value) { return std::to_string(value); }
std::string value_text(std::uint64_t value) { return std::to_string(value); }
std::string value_text(double value) { return fmt::format("{}", value); }
std::string value_text(const std::string& value) { return value; }
std::string value_text(const std::vector<std::string>& value) { return joined(value, " "); }
std::string value_text(const std::vector<std::int64_t>& value) {
  std::vector<std::string> parts;
  for (std::int64_t number : value) parts.push_back(std::to_string(number));
  return joined(parts, ",");
}

std::vector<double> numbers_of(const Value& value) {
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return {static_cast<double>(*whole)};
  if (const auto* large = std::get_if<std::uint64_t>(&value)) return {static_cast<double>(*large)};
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
    return {list->begin(), list->end()};
  }
  return {};
}

}  // namespace

std::string to_text(const Value& value) {
  return std::visit([](const auto& held) { return value_text(held); }, value);
}

bool Limits::holds(double number) const {
  if (std::isinf(number) && std::isfinite(least)) return false;
  return (above ? number > least : number >= least) && (below ? number < most : number <= most);
}

std::string Limits::text() const {
  if (!std::isfinite(most)) return above ? "a positive number" : fmt::format("at least {}", least);
  if (above == below) {
    return fmt::format(fmt::runtime(above ? "between {} and {}" : "{} to {}"), least, most);
  }
  return fmt::format("{} {} and {} {}", above ? "above" : "at least", least,
                     below ? "below" : "at most", most);
}

void check_limits(std::string_view name, const Limits& limits, const Value& value) {
  const std::vector<double> numbers = numbers_of(value);
  for (double number : numbers) {
    if (limits.holds(number)) continue;
    throw Error(fmt::format("{} must be {}: got {}", name, limits.text(), to_text(value)));
  }
}

void throw_wrong_kind(const std::string& name, const char* expected, const Value& value) {
  throw Error(fmt::format("{}: expected {}: got {}", name, expected, to_text(value)));
}

void throw_wrong_size(const std::string& name, std::size_t expected, const Value& value) {
  throw Error(fmt::format("{}: expected {}: got {}", name, internal::counted(expected, "number"),
                          to_text(value)));
}

}  // namespace hourglass
