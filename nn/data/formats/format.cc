#include "nn/data/formats/format.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <deque>
#include <filesystem>

#include "tensor/error.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"

namespace hourglass::internal {

using namespace nn;

namespace {

constexpr std::size_t kHeadBytes = 4096;

// References to a deque's elements stay good while it grows.
std::deque<Format>& formats() {
  static std::deque<Format> all;
  return all;
}

std::string ending_of(const std::string& path) {
  std::filesystem::path name = lower_case(std::filesystem::path(path).filename().string());
  if (name.extension() == ".gz") name = name.stem();
  const std::string ending = name.extension().string();
  return ending.empty() ? ending : ending.substr(1);
}

const Format& format_named(const std::string& name) {
  std::vector<std::string_view> known;
  for (const Format* format : all_formats()) {
    if (format->name == name) return *format;
    known.push_back(format->name);
  }
  throw_unknown_name("format", name, known);
}

}  // namespace

const Format& define_format(const Format& format) {
  formats().push_back(format);
  return formats().back();
}

Match match(const DataFile& file, std::string_view magic,
            std::initializer_list<std::string_view> endings) {
  if (!magic.empty() && file.head.starts_with(magic)) return Match::kContent;
  const bool named = std::find(endings.begin(), endings.end(), file.ending) != endings.end();
  return named ? Match::kName : Match::kNone;
}

std::vector<const Format*> all_formats() {
  std::vector<const Format*> all;
  for (const Format& format : formats()) all.push_back(&format);
  std::sort(all.begin(), all.end(),
            [](const Format* a, const Format* b) { return a->name < b->name; });
  return all;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

DataFile look_at(const std::string& path) {
  const InputFile file(path, "data");
  ByteStream stream(file);
  DataFile found{path, ending_of(path), std::string(kHeadBytes, '\0')};
  found.head.resize(stream.read_some(found.head.data(), kHeadBytes));
  return found;
}

const Format* format_of(const DataFile& file, const ReadOptions& options) {
  if (!options.format.empty()) return &format_named(options.format);
  const Format* best = nullptr;
  Match surest = Match::kNone;
  for (const Format* format : all_formats()) {
    const Match match = format->match(file);
    if (match <= surest) continue;
    best = format;
    surest = match;
  }
  return best;
}

void fail_data(const std::string& path, std::string_view what) {
  throw FileError(fmt::format("data: {}: {}", printable(path), what));
}

}  // namespace hourglass::internal
