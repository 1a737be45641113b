#include "ae/papers/penalties.h"

#include <fmt/core.h>

#include <algorithm>

#include "ae/papers/named_numbers.h"
#include "tensor/error.h"

namespace hourglass::ae {

using namespace internal;

namespace {

std::size_t count_of(const PenaltyKind& kind) { return kind.numbers[1].name.empty() ? 1 : 2; }

const PenaltyKind& find_kind(const std::string& name) {
  std::vector<std::string_view> known;
  for (const PenaltyKind* kind : penalties::kAll) {
    if (kind->name == name) return *kind;
    known.push_back(kind->name);
  }
  throw_unknown_name("penalty", name, known);
}

}  // namespace

Penalty PenaltyKind::operator()(double first) const { return {this, {first}}; }
Penalty PenaltyKind::operator()(double first, double second) const {
  return {this, {first, second}};
}

std::string PenaltyKind::form() const {
  std::string text(name);
  for (std::size_t i = 0; i < count_of(*this); ++i) {
    text += i == 0 ? ":" : ",";
    for (char c : numbers[i].name) text += static_cast<char>(c - 'a' + 'A');
  }
  return text;
}

double Penalty::weight() const { return numbers[kind->numbers[0].name == "weight" ? 0 : 1]; }

std::string to_text(const Penalty& p) { return named_numbers_text(p.kind->name, p.numbers); }

Penalty Penalty::from_text(const std::string& text) {
  auto [name, numbers] = parse_named_numbers("penalty", text);
  const Penalty result{&find_kind(name), std::move(numbers)};
  check(result);
  return result;
}

void check(const Penalty& p) {
  if (p.numbers.size() != count_of(*p.kind)) {
    throw Error(fmt::format("penalty: expected {}: got {}", p.kind->form(), to_text(p)));
  }
  for (std::size_t i = 0; i < p.numbers.size(); ++i) {
    const PenaltyKind::Number& number = p.kind->numbers[i];
    const char* article = number.name == "weight" ? "the " : "";
    check_limits(fmt::format("penalty: {}: {}{}", p.kind->name, article, number.name),
                 number.limits, p.numbers[i]);
  }
}

}  // namespace hourglass::ae
