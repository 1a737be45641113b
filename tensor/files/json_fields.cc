#include "tensor/files/json_fields.h"

#include <algorithm>

#include "tensor/error.h"
#include "tensor/nearest_name.h"

namespace hourglass::internal {
namespace {

bool all_of(const Json& list, bool (Json::*is)() const noexcept) {
  return std::all_of(list.begin(), list.end(), [&](const Json& j) { return (j.*is)(); });
}

}  // namespace

Json json_of(const Value& value) {
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Value value_of(const std::string& name, const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_integer()) return json.get<std::int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  if (json.is_array() && all_of(json, &Json::is_number_integer)) {
    return json.get<std::vector<std::int64_t>>();
  }
  if (json.is_array() && all_of(json, &Json::is_string)) {
    return json.get<std::vector<std::string>>();
  }
  throw Error(fmt::format("{}: expected a number, a text or a list: got {}", name, json.dump()));
}

void refuse_unknown(const Json& json, std::string_view what,
                    const std::vector<std::string_view>& known) {
  if (!json.is_object()) throw Error(fmt::format("expected an object: got {}", json.dump()));
  for (const auto& [name, value] : json.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw_unknown_name(what, name, known);
    }
  }
}

}  // namespace hourglass::internal
