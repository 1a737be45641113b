#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/numbers.h"

namespace hourglass::internal {

// One tensor as the header describes it; `begin` and `end` count from the first byte of the data.
struct SafetensorsEntry {
  std::string name;
  Stored stored = Stored::kF32;
  std::vector<std::uint64_t> sizes;
  std::uint64_t begin = 0, end = 0;
  std::size_t position = 0;  // where the header has read this entry, for errors
};

struct SafetensorsHeader {
  std::vector<SafetensorsEntry> entries;  // in the header's order
  std::map<std::string, std::string> metadata;
};

std::string_view safetensors_name(Stored stored);  // "F32"

// Parses the JSON and checks its form, not what the numbers say. `fail(position, what)` throws.
// Memory stays in proportion to the text whatever it holds, since no tree is built.
using SafetensorsFail = std::function<void(std::size_t, const std::string&)>;
SafetensorsHeader parse_safetensors_header(std::string_view text, const SafetensorsFail& fail);

}  // namespace hourglass::internal
