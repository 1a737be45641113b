#pragma once

// Fields as JSON. Not installed: what includes it includes nlohmann/json.

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/fields.h"

namespace hourglass::internal {

using Json = nlohmann::ordered_json;

Json json_of(const Value& value);
Value value_of(const std::string& name,
               const Json& json);  // Error, naming the field, for an object

// Throws Error, with the nearest name and all, where an object has a member that is none of them,
// and where it is no object.
void refuse_unknown(const Json& json, std::string_view what,
                    const std::vector<std::string_view>& known);

// One object, the named fields.
template <class T>
Json fields_json(const T& object, const std::vector<Field<T>>& fields) {
  Json json = Json::object();
  for (const Field<T>& f : fields) {
    if (!f.name.empty()) json[f.name] = json_of(f.get(object));
  }
  return json;
}

// Reads those that are there. Throws Error on an unknown one, `others` excepted, or one of another
// kind.
template <class T>
void read_fields(const Json& json, const std::vector<Field<T>>& fields,
                 std::vector<std::string_view> others, T& object) {
  std::vector<std::string_view> known = std::move(others);
  for (const Field<T>& f : fields) {
    if (!f.name.empty()) known.push_back(f.name);
  }
  refuse_unknown(json, "field", known);
  for (const Field<T>& f : fields) {
    if (f.name.empty() || !json.contains(f.name)) continue;
    f.set(object, value_of(f.name, json[f.name]));
  }
}

}  // namespace hourglass::internal
