#pragma once

// Fields as JSON. Not installed: what includes it includes nlohmann/json.

#include <fmt/core.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/error.h"
#include "tensor/fields.h"

namespace hourglass::internal {

using Json = nlohmann::ordered_json;

// The one reader of JSON files. Throws Error, saying where, for what is not JSON to its last byte.
Json parse_json(const std::string& text);

// As text, whatever bytes are in it: what is not UTF-8 is replaced.
std::string json_text(const Json& json, int indent = -1);

// Texts of any bytes, as utf8.h has them in JSON.
Json json_of(const Value& value);
Value value_of(const std::string& name,
               const Json& json);  // Error, naming the field, for an object

// Throws Error where an object lacks one of the members: "epochs is missing".
void require(const Json& json, const std::vector<std::string_view>& names);

// Throws Error, with the nearest name and all, where an object has a member that is none of them,
// and where it is no object.
void refuse_unknown(const Json& json, std::string_view what,
                    const std::vector<std::string_view>& known);

// A member of an object, or what holds where it is missing. Throws Error, naming it, for another
// kind.
template <class M>
M member(const Json& json, const std::string& name, M otherwise) {
  if (json.contains(name)) FieldType<M>::read(name, value_of(name, json[name]), otherwise);
  return otherwise;
}

// What `read` gives; its Errors say first what was read: "training: epochs is missing".
template <class F>
auto reading(std::string_view what, F&& read) {
  try {
    return read();
  } catch (const Error& error) {
    throw Error(fmt::format("{}: {}", what, error.what()));
  }
}

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
