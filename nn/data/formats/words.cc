#include "nn/data/formats/words.h"

#include <cstdint>

#include "tensor/files/input_file.h"

namespace hourglass::internal {
namespace {

constexpr std::string_view kEnglish =
    "about above after again against all also am an and any are as at be because been before being "
    "below between both but by can cannot could did do does doing don down during each few for "
    "from "
    "further had has have having he her here hers herself him himself his how if in into is it its "
    "itself just ll me might more most must my myself no nor not now of off on once only or other "
    "ought our ours ourselves out over own re same shall she should so some such than that the "
    "their "
    "theirs them themselves then there these they this those through to too under until up upon us "
    "ve very was we were what when where which while who whom why will with would you your yours "
    "yourself yourselves";

bool is_letter(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c >= 128;
}
bool is_digit(unsigned char c) { return c >= '0' && c <= '9'; }

// Letters of two bytes whose small ones stand a fixed way behind: Latin-1, Greek, Cyrillic.
std::uint32_t small_letter(std::uint32_t c) {
  if (c >= 0xC0 && c <= 0xDE && c != 0xD7) return c + 32;
  if (c >= 0x391 && c <= 0x3A9) return c + 32;
  if (c >= 0x410 && c <= 0x42F) return c + 32;
  if (c >= 0x400 && c <= 0x40F) return c + 80;
  return c;
}

void add_letter(std::string& word, std::string_view text, std::size_t& i) {
  const auto c = static_cast<unsigned char>(text[i]);
  const unsigned char next = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
  if (c >= 0xC3 && c <= 0xD1 && (next & 0xC0U) == 0x80) {
    const std::uint32_t code = (c & 31U) << 6 | (next & 63U);
    const std::uint32_t small = small_letter(code);
    word += static_cast<char>(0xC0 | small >> 6);
    word += static_cast<char>(0x80 | (small & 63U));
    ++i;
  } else {
    word += c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : text[i];
  }
}

}  // namespace

std::vector<std::string> words_in(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool letters = false;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const unsigned char c = i < text.size() ? static_cast<unsigned char>(text[i]) : ' ';
    if (is_letter(c) || is_digit(c)) {
      letters = letters || is_letter(c);
      add_letter(word, text, i);
      continue;
    }
    if (letters && word.size() > 1) words.push_back(word);
    word.clear();
    letters = false;
  }
  return words;
}

std::unordered_set<std::string> stop_list(const std::string& name) {
  if (name.empty()) return {};
  const std::vector<std::string> words =
      words_in(name == "english" ? std::string(kEnglish) : read_text(name, "stop words"));
  return {words.begin(), words.end()};
}

}  // namespace hourglass::internal
