#include "tensor/files/json_fields.h"

#include <algorithm>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/utf8.h"
#include "tensor/nearest_name.h"

namespace hourglass::internal {
namespace {

// A whole number that i64 holds: the library's conversions check nothing.
bool is_i64(const Json& json) {
  if (!json.is_number_integer()) return false;
  return !json.is_number_unsigned() || std::in_range<std::int64_t>(json.get<std::uint64_t>());
}

bool is_text(const Json& json) { return json.is_string(); }

// What walks through a value later on, its printing among others, calls itself for each level.
bool check_depth(int depth, Json::parse_event_t, Json&) {
  constexpr int kDeepest = 100;
  if (depth <= kDeepest) return true;
  throw Error(fmt::format("lists and objects lie more than {} deep in each other", kDeepest));
}

}  // namespace

Json parse_json(const std::string& text) {
  // The parser takes a NUL for the end.
  if (const std::size_t at = text.find('\0'); at != std::string::npos) {
    throw Error(fmt::format("byte {}: NUL, which JSON has not", at));
  }
  try {
    return Json::parse(text, check_depth);
  } catch (const Json::exception& error) {
    const std::string what = error.what();  // "[json.exception.NAME.NUMBER] what"
    throw Error(what.substr(what.find(']') + 2));
  }
}

std::string json_text(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

Json json_of(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return utf8_of_bytes(*text);
  if (const auto* texts = std::get_if<std::vector<std::string>>(&value)) {
    Json list = Json::array();
    for (const std::string& each : *texts) list.push_back(utf8_of_bytes(each));
    return list;
  }
  return std::visit([](const auto& held) { return Json(held); }, value);
}

Value value_of(const std::string& name, const Json& json) {
  if (json.is_boolean()) return json.get<bool>();
  if (is_i64(json)) return json.get<std::int64_t>();
  if (json.is_number_unsigned()) return json.get<std::uint64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return bytes_of_utf8(json.get<std::string>());
  if (json.is_array() && std::all_of(json.begin(), json.end(), is_i64)) {
    return json.get<std::vector<std::int64_t>>();
  }
  if (json.is_array() && std::all_of(json.begin(), json.end(), is_text)) {
    std::vector<std::string> texts;
    for (const Json& each : json) texts.push_back(bytes_of_utf8(each.get<std::string>()));
    return texts;
  }
  throw Error(
      fmt::format("{}: expected a number, a text or a list: got {}", name, json_text(json)));
}

void require(const Json& json, const std::vector<std::string_view>& names) {
  for (std::string_view name : names) {
    if (!json.contains(name)) throw Error(fmt::format("{} is missing", name));
  }
}

void refuse_unknown(const Json& json, std::string_view what,
                    const std::vector<std::string_view>& known) {
  if (!json.is_object()) throw Error(fmt::format("expected an object: got {}", json_text(json)));
  for (const auto& [name, value] : json.items()) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw_unknown_name(what, name, known);
    }
  }
}

}  // namespace hourglass::internal
