#include "tensor/files/npy_header.h"

#include <fmt/core.h>

#include <charconv>
#include <set>

#include "tensor/error.h"

namespace hourglass::internal {
namespace {

constexpr std::size_t kMaxRank = 64;  // NumPy's own limit

struct NpyType {
  std::string_view code;
  Stored stored;
};
constexpr NpyType kNpyTypes[] = {
    {"b1", Stored::kBool}, {"u1", Stored::kU8},  {"i1", Stored::kI8},  {"u2", Stored::kU16},
    {"i2", Stored::kI16},  {"u4", Stored::kU32}, {"i4", Stored::kI32}, {"u8", Stored::kU64},
    {"i8", Stored::kI64},  {"f2", Stored::kF16}, {"f4", Stored::kF32}, {"f8", Stored::kF64},
};

// Reads the literal from front to back.
class Parser {
 public:
  Parser(std::string_view text, const NpyFail& fail) : text_(text), fail_(fail) {}

  NpyHeader dictionary() {
    expect('{');
    while (!take('}')) {
      entry();
      if (!take(',')) {
        expect('}');
        break;
      }
    }
    skip_space();
    if (at_ < text_.size()) fail("the end of the header");
    for (const char* key : {"descr", "fortran_order", "shape"}) {
      if (seen_.count(key) == 0) fail_(0, fmt::format("the header has no '{}'", key));
    }
    return header_;
  }

 private:
  void entry() {
    skip_space();
    const std::size_t start = at_;
    const std::string key = quoted();
    if (!seen_.insert(key).second) fail_(start, fmt::format("the header has '{}' twice", key));
    expect(':');
    if (key == "descr") {
      descr();
    } else if (key == "fortran_order") {
      header_.fortran_order = boolean();
    } else if (key == "shape") {
      shape();
    } else {
      fail_(start, fmt::format("unknown key '{}' in the header", printable(key, 40)));
    }
  }

  void descr() {
    skip_space();
    const std::size_t start = at_;
    if (peek() == '[') fail_(start, "a structured array: expected one number type");
    const std::string text = quoted();
    const bool marked =
        !text.empty() && std::string_view("<>|=").find(text[0]) != std::string::npos;
    const std::string_view code = std::string_view(text).substr(marked ? 1 : 0);
    for (const NpyType& row : kNpyTypes) {
      if (row.code != code) continue;
      header_.stored = row.stored;
      header_.order = marked && text[0] == '>' ? ByteOrder::kBig : ByteOrder::kLittle;
      return;
    }
    const char* kind = code.starts_with("O")                            ? " (Python objects)"
                       : code.starts_with("c")                          ? " (complex numbers)"
                       : code.starts_with("U") || code.starts_with("S") ? " (strings)"
                       : code.starts_with("M") || code.starts_with("m") ? " (times)"
                       : code == "f16" || code == "g"                   ? " (long double)"
                                                                        : "";
    fail_(start,
          fmt::format("type '{}'{}: expected bool, an integer or a float of 16, 32 or 64 bits",
                      printable(text, 40), kind));
  }

  bool boolean() {
    skip_space();
    for (bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail("True or False");
    return false;
  }

  void shape() {
    expect('(');
    while (!take(')')) {
      if (header_.sizes.size() == kMaxRank) fail_(at_, fmt::format("more than {} axes", kMaxRank));
      header_.sizes.push_back(integer());
      if (!take(',')) {
        expect(')');
        break;
      }
    }
  }

  std::uint64_t integer() {
    skip_space();
    std::uint64_t value = 0;
    const char* first = text_.data() + at_;
    const auto [end, error] = std::from_chars(first, text_.data() + text_.size(), value);
    if (error != std::errc()) fail("a size of at most 2^64 - 1");
    at_ += static_cast<std::size_t>(end - first);
    if (peek() == 'L') ++at_;  // written by Python 2
    return value;
  }

  std::string quoted() {
    skip_space();
    const char quote = peek();
    if (quote != '\'' && quote != '"') fail("a quoted word");
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail("a closing quote");
    std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }

  void skip_space() {
    while (at_ < text_.size() && std::string_view(" \t\r\n").find(text_[at_]) != std::string::npos)
      ++at_;
  }
  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  bool take(char c) {
    skip_space();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!take(c)) fail(std::string(1, c));
  }
  void fail(std::string_view expected) {
    const std::string found = at_ < text_.size() ? printable(text_.substr(at_), 20) : "the end";
    fail_(at_,
          fmt::format("the header breaks Python's syntax: expected {}, found {}", expected, found));
  }

  std::string_view text_;
  const NpyFail& fail_;
  std::size_t at_ = 0;
  std::set<std::string, std::less<>> seen_;
  NpyHeader header_;
};

}  // namespace

NpyHeader parse_npy_header(std::string_view text, const NpyFail& fail) {
  return Parser(text, fail).dictionary();
}

}  // namespace hourglass::internal
