#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hourglass::fuzz {

// What takes bytes from outside. Of bytes that it refuses it throws an Error of one line.
struct Reader {
  std::string name;
  std::function<void(std::string_view bytes)> read;
  // Makes checksums in the bytes right, which no drawn change would hit; or none.
  std::function<void(std::span<std::uint8_t> bytes)> mend = nullptr;
};

// The formats of data by name, "config" (a run's config.json), "model" (a safetensors file with its
// spec) and "toml" (--config).
std::vector<Reader> readers();

void mend_png(std::span<std::uint8_t> bytes);  // the checksum of each chunk
void mend_zip(std::span<std::uint8_t> bytes);  // of each member that is stored as it is

}  // namespace hourglass::fuzz
