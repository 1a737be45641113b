#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "nn/data/read_options.h"
#include "tensor/tensor.h"

namespace hourglass::internal {

// A file as a format looks at it.
struct DataFile {
  std::string path;
  std::string ending;  // of its name, in lower case and ahead of .gz: "csv"; or none
  std::string head;    // its first 4096 bytes at most, decompressed
};
// Throws FileError where it cannot be read.
DataFile look_at(const std::string& path);

// How sure a format is that a file is one of its own.
enum class Match : std::uint8_t { kNone, kAnyText, kLikely, kName, kContent };

// A format of files, known from where it is defined: at namespace scope in a file of its own,
//   const Format& kNpyFormat = define_format({.name = "npy", .what = "a NumPy array", ...});
// It reads examples, or, of pictures, one that is put among others.
struct Format {
  std::string_view name;
  std::string_view what;  // "a NumPy array (.npy)"
  Match (*match)(const DataFile& file) = nullptr;
  nn::RawData (*read)(const DataFile& file, const nn::ReadOptions& options) = nullptr;
  // [H, W] or [H, W, 3], u8, or f32 in [0, 1].
  Tensor (*picture)(const std::string& path, const nn::ReadOptions& options) = nullptr;
};
// Formats that a folder's reader knows by name.
inline constexpr std::string_view kIdx = "idx", kDocuments = "text", kMatrixMarket = "mtx";
const Format& define_format(const Format& format);
// By the first bytes of the content, where the format has some, else by the ending of the name.
Match match(const DataFile& file, std::string_view magic,
            std::initializer_list<std::string_view> endings);
std::vector<const Format*> all_formats();  // by name

// The one that is surest of the file, or, of any file, the one that was asked for; nullptr where
// there is none.
const Format* format_of(const DataFile& file, const nn::ReadOptions& options);

std::string lower_case(std::string_view text);  // of ASCII

// "data: PATH: what" as a FileError.
[[noreturn]] void fail_data(const std::string& path, std::string_view what);

}  // namespace hourglass::internal
