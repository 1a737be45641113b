#include "tensor/files/safetensors_header.h"

#include <fmt/core.h>

#include <iterator>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <utility>

#include "tensor/error.h"

namespace hourglass::internal {
namespace {

struct SafetensorsType {
  std::string_view name;
  Stored stored;
};
constexpr SafetensorsType kSafetensorsTypes[] = {
    {"BOOL", Stored::kBool}, {"U8", Stored::kU8},   {"I8", Stored::kI8},     {"U16", Stored::kU16},
    {"I16", Stored::kI16},   {"U32", Stored::kU32}, {"I32", Stored::kI32},   {"U64", Stored::kU64},
    {"I64", Stored::kI64},   {"F16", Stored::kF16}, {"BF16", Stored::kBF16}, {"F32", Stored::kF32},
    {"F64", Stored::kF64},
};

// Iterates over the text and lets the handler know how far the parser has come: events have no
// position.
struct Cursor {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  reference operator*() const { return text[at]; }
  Cursor& operator++() {
    ++at;
    if (seen != nullptr) *seen = at;
    return *this;
  }
  bool operator==(const Cursor& other) const { return at == other.at; }
  bool operator!=(const Cursor& other) const { return at != other.at; }

  const char* text = nullptr;
  std::size_t at = 0;
  std::size_t* seen = nullptr;
};

// {"__metadata__": {name: text, ...}, name: {"dtype": .., "shape": [..], "data_offsets": [.., ..]},
// ...}
class Handler : public nlohmann::json_sax<nlohmann::json> {
 public:
  Handler(const SafetensorsFail& fail, const std::size_t& position)
      : fail_(fail), position_(position) {}

  SafetensorsHeader take() { return std::move(header_); }

  bool start_object(std::size_t) override {
    if (depth_ == 0) {
      depth_ = 1;
    } else if (depth_ == 1) {
      depth_ = 2;
      fields_.clear();
      offsets_.clear();
      entry_ = {};
    } else {
      refuse("an object");
    }
    return true;
  }

  bool end_object() override {
    if (depth_ == 2 && !in_metadata_) finish_entry();
    --depth_;
    return true;
  }

  bool start_array(std::size_t) override {
    if (depth_ != 2 || in_metadata_ || (field_ != "shape" && field_ != "data_offsets"))
      refuse("an array");
    depth_ = 3;
    return true;
  }

  bool end_array() override {
    depth_ = 2;
    return true;
  }

  bool key(string_t& name) override {
    if (depth_ == 1) {
      if (!names_.insert(name).second) fail(fmt::format("{} appears twice", in_quotes(name)));
      name_ = name;
      in_metadata_ = name == "__metadata__";
    } else {
      if (!fields_.insert(name).second) {
        fail(fmt::format("{}: {} appears twice", in_quotes(name_), in_quotes(name)));
      }
      field_ = name;
      const bool known = name == "dtype" || name == "shape" || name == "data_offsets";
      if (!in_metadata_ && !known)
        fail(fmt::format("{}: unknown key {}", in_quotes(name_), in_quotes(name)));
    }
    return true;
  }

  bool string(string_t& text) override {
    if (depth_ == 2 && in_metadata_) {
      header_.metadata.emplace(field_, text);
    } else if (depth_ == 2 && field_ == "dtype") {
      set_dtype(text);
    } else {
      refuse("a string");
    }
    return true;
  }

  bool number_unsigned(number_unsigned_t value) override {
    if (depth_ != 3) refuse("a number");
    (field_ == "shape" ? entry_.sizes : offsets_).push_back(value);
    return true;
  }

  bool number_integer(number_integer_t) override { return refuse("a negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    return refuse("a real or too large number");
  }
  bool boolean(bool) override { return refuse("a boolean"); }
  bool null() override { return refuse("null"); }
  bool binary(binary_t&) override { return refuse("binary data"); }

  bool parse_error(std::size_t position, const std::string& last,
                   const nlohmann::json::exception&) override {
    const std::string near = last.size() > 20 ? last.substr(last.size() - 20) : last;
    fail_(position == 0 ? 0 : position - 1,
          fmt::format("the header is not valid JSON: near '{}'", printable(near)));
    return false;
  }

 private:
  void fail(const std::string& what) const { fail_(position_, "header: " + what); }

  bool refuse(std::string_view found) const {
    std::string expected = "an object that describes tensors";
    std::string where;
    if (depth_ == 1) {
      where = in_quotes(name_) + ": ";
      expected = "an object";
    } else if (depth_ >= 2) {
      where = fmt::format("{}: {}: ", in_quotes(name_), in_quotes(field_));
      expected = in_metadata_ || field_ == "dtype" ? "a string"
                 : depth_ == 2                     ? "an array"
                                                   : "an integer from 0 to 2^64 - 1";
    }
    fail(fmt::format("{}expected {}, found {}", where, expected, found));
    return false;
  }

  void set_dtype(std::string_view text) {
    for (const SafetensorsType& row : kSafetensorsTypes) {
      if (row.name != text) continue;
      entry_.stored = row.stored;
      return;
    }
    fail(fmt::format("{}: dtype {}: expected BOOL, U8 to U64, I8 to I64, F16, BF16, F32 or F64",
                     in_quotes(name_), in_quotes(text)));
  }

  void finish_entry() {
    for (const char* field : {"dtype", "shape", "data_offsets"}) {
      if (fields_.count(field) == 0) fail(fmt::format("{} has no '{}'", in_quotes(name_), field));
    }
    if (offsets_.size() != 2) {
      fail(fmt::format("{}: 'data_offsets': expected 2 numbers, found {}", in_quotes(name_),
                       offsets_.size()));
    }
    entry_.name = name_;
    entry_.begin = offsets_[0];
    entry_.end = offsets_[1];
    entry_.position = position_;
    header_.entries.push_back(std::move(entry_));
  }

  const SafetensorsFail& fail_;
  const std::size_t& position_;
  SafetensorsHeader header_;
  int depth_ = 0;
  bool in_metadata_ = false;
  std::string name_, field_;
  std::set<std::string> names_, fields_;
  std::vector<std::uint64_t> offsets_;
  SafetensorsEntry entry_;
};

}  // namespace

std::string_view safetensors_name(Stored stored) {
  for (const SafetensorsType& row : kSafetensorsTypes) {
    if (row.stored == stored) return row.name;
  }
  return "?";
}

SafetensorsHeader parse_safetensors_header(std::string_view text, const SafetensorsFail& fail) {
  // The parser takes a NUL for the end.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos) {
    fail(at, "the header is not valid JSON: a NUL");
  }
  std::size_t position = 0;
  Handler handler(fail, position);
  nlohmann::json::sax_parse(Cursor{text.data(), 0, &position},
                            Cursor{text.data(), text.size(), nullptr}, &handler);
  return handler.take();
}

}  // namespace hourglass::internal
