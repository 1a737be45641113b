#include "tools/config_file.h"

#include <fmt/core.h>

#include <toml++/toml.h>

#include <array>

#include "tensor/error.h"

namespace hourglass::tools {
namespace {

constexpr std::size_t kMostBytes = 1 << 20;

std::string read_all(std::istream& input) {
  std::string text;
  std::array<char, 4096> block = {};
  do {
    input.read(block.data(), block.size());
    text.append(block.data(), static_cast<std::size_t>(input.gcount()));
    if (text.size() > kMostBytes) {
      throw ConfigError(fmt::format("too large: expected at most {} bytes", kMostBytes));
    }
  } while (input);
  return text;
}

// A key of parts, a.b.c, is a table in a table in a table, which the library takes down by calling itself.
void check_dots(const std::string& text) {
  constexpr int kMostDots = 1000;
  int line = 1, dots = 0;
  for (char c : text) {
    if (c == '.' && ++dots > kMostDots) {
      throw ConfigError(fmt::format("line {}: more than {} dots", line, kMostDots));
    }
    if (c != '\n') continue;
    ++line;
    dots = 0;
  }
}

toml::table parsed(const std::string& text) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {
    throw ConfigError(fmt::format("line {}, column {}: {}", error.source().begin.line,
                                  error.source().begin.column, printable(error.description())));
  }
}

// A number, a text or a truth value as a word.
std::string word_of(const std::string& name, const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* truth = node.as_boolean()) return truth->get() ? "true" : "false";
  if (const auto* whole = node.as_integer()) return std::to_string(whole->get());
  if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
  throw ConfigError(fmt::format("{}: expected a number, a text, true or false, or a list of them",
                                printable(name)));
}

ConfigEntry entry_of(const std::string& section, const std::string& name, const toml::node& node) {
  const std::string whole = section.empty() ? name : section + "." + name;
  ConfigEntry entry{section, name, {}};
  if (const toml::array* list = node.as_array()) {
    for (const toml::node& each : *list) entry.words.push_back(word_of(whole, each));
  } else {
    entry.words.push_back(word_of(whole, node));
  }
  return entry;
}

}  // namespace

std::vector<ConfigEntry> read_toml(std::istream& input) {
  std::vector<ConfigEntry> entries;
  const std::string text = read_all(input);
  check_dots(text);
  for (const auto& [key, node] : parsed(text)) {
    const std::string name(key.str());
    const toml::table* section = node.as_table();
    if (!section) {
      entries.push_back(entry_of("", name, node));
      continue;
    }
    entries.push_back({name, "", {}});
    for (const auto& [option, value] : *section) {
      entries.push_back(entry_of(name, std::string(option.str()), value));
    }
  }
  return entries;
}

}  // namespace hourglass::tools
