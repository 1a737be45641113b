#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tensor/dtype.h"

namespace hourglass {

using Attribute =
    std::variant<std::int64_t, double, bool, std::vector<std::int64_t>, DType, std::string>;

// What an op is told apart from its inputs (axes, flags, a slope): an ordered list of name ->
// value, compared, hashed and printed generically. Nothing that changes from step to step is an
// attribute.
class Attributes {
 public:
  using Entry = std::pair<std::string, Attribute>;

  Attributes() = default;
  Attributes(std::initializer_list<Entry> entries) : Attributes(std::vector<Entry>(entries)) {}
  explicit Attributes(std::vector<Entry> entries);

  // The value of a name; Error when the name is absent or holds another kind of value.
  std::int64_t integer(std::string_view name) const;
  double real(std::string_view name) const;
  bool flag(std::string_view name) const;
  const std::vector<std::int64_t>& integers(std::string_view name) const;
  DType dtype(std::string_view name) const;
  const std::string& text(std::string_view name) const;

  Attributes with(std::string_view name,
                  Attribute value) const;  // one value replaced; Error if absent
  const std::vector<Entry>& entries() const { return entries_ ? *entries_ : kNone; }
  std::vector<double> reals() const;  // the real values in order: the parameters of a lane

  bool operator==(const Attributes& other) const;  // reals by their bits
  std::size_t hash() const;

 private:
  const Attribute& find(std::string_view name) const;

  static const std::vector<Entry> kNone;

  std::shared_ptr<const std::vector<Entry>> entries_;  // shared by copies; null for none
};

std::string to_string(
    const Attributes& attributes);  // "axes=[0, 1], keep=true"; "" if there are none

}  // namespace hourglass
