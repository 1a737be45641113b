#include "autograd/graph/attributes.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <functional>

#include "tensor/error.h"
#include "tensor/shape.h"

namespace hourglass {
namespace {

template <class T>
const T& get(const Attribute& value, std::string_view name) {
  const T* found = std::get_if<T>(&value);
  if (found == nullptr) throw Error(fmt::format("attribute {}: holds another kind of value", name));
  return *found;
}

bool equal(const Attribute& a, const Attribute& b) {
  const double* x = std::get_if<double>(&a);
  const double* y = std::get_if<double>(&b);
  // By bits: a NaN equals itself, and 0 and -0 differ, as they do for 1 / x.
  if (x && y) return std::bit_cast<std::uint64_t>(*x) == std::bit_cast<std::uint64_t>(*y);
  return a == b;
}

struct Hasher {
  std::size_t operator()(std::int64_t v) const { return std::hash<std::int64_t>{}(v); }
  std::size_t operator()(double v) const {
    return std::hash<std::uint64_t>{}(std::bit_cast<std::uint64_t>(v));
  }
  std::size_t operator()(bool v) const { return v ? 3 : 5; }
  std::size_t operator()(const std::string& v) const { return std::hash<std::string>{}(v); }
  std::size_t operator()(DType v) const { return 7 + static_cast<std::size_t>(v); }
  std::size_t operator()(const std::vector<std::int64_t>& v) const {
    std::size_t h = v.size();
    for (std::int64_t x : v) h = h * 1000003 + std::hash<std::int64_t>{}(x);
    return h;
  }
};

struct ValuePrinter {
  std::string operator()(std::int64_t v) const { return std::to_string(v); }
  std::string operator()(double v) const { return fmt::format("{}", v); }
  std::string operator()(const std::string& v) const { return v; }
  std::string operator()(bool v) const { return v ? "true" : "false"; }
  std::string operator()(DType v) const { return std::string(name_of(v)); }
  std::string operator()(const std::vector<std::int64_t>& v) const {
    std::string text = "[";
    for (std::size_t i = 0; i < v.size(); ++i) text += (i ? ", " : "") + std::to_string(v[i]);
    return text + "]";
  }
};

}  // namespace

constinit const std::vector<Attributes::Entry> Attributes::kNone;

Attributes::Attributes(std::vector<Entry> entries) {
  if (entries.empty()) return;
  entries_ = std::make_shared<const std::vector<Entry>>(std::move(entries));
}

const Attribute& Attributes::find(std::string_view name) const {
  for (const auto& [key, value] : entries()) {
    if (key == name) return value;
  }
  throw Error(fmt::format("attribute {}: there is none of this name", name));
}

std::int64_t Attributes::integer(std::string_view name) const {
  return get<std::int64_t>(find(name), name);
}
double Attributes::real(std::string_view name) const { return get<double>(find(name), name); }
bool Attributes::flag(std::string_view name) const { return get<bool>(find(name), name); }
DType Attributes::dtype(std::string_view name) const { return get<DType>(find(name), name); }
const std::string& Attributes::text(std::string_view name) const {
  return get<std::string>(find(name), name);
}
const std::vector<std::int64_t>& Attributes::integers(std::string_view name) const {
  return get<std::vector<std::int64_t>>(find(name), name);
}

Attributes Attributes::with(std::string_view name, Attribute value) const {
  find(name);
  std::vector<Entry> changed = entries();
  for (auto& [key, old] : changed) {
    if (key == name) old = value;
  }
  return Attributes(std::move(changed));
}

std::vector<double> Attributes::reals() const {
  std::vector<double> result;
  for (const auto& [key, value] : entries()) {
    if (const double* real = std::get_if<double>(&value)) result.push_back(*real);
  }
  return result;
}

bool Attributes::operator==(const Attributes& other) const {
  if (entries_ == other.entries_) return true;
  const auto same = [](const Entry& a, const Entry& b) {
    return a.first == b.first && equal(a.second, b.second);
  };
  return std::equal(entries().begin(), entries().end(), other.entries().begin(),
                    other.entries().end(), same);
}

std::size_t Attributes::hash() const {
  std::size_t h = entries().size();
  for (const auto& [key, value] : entries()) h = h * 1000003 + std::visit(Hasher{}, value);
  return h;
}

std::string to_string(const Attributes& attributes) {
  std::string text;
  for (const auto& [key, value] : attributes.entries()) {
    text += (text.empty() ? "" : ", ") + key + "=" + std::visit(ValuePrinter{}, value);
  }
  return text;
}

}  // namespace hourglass
