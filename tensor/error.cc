#include "tensor/error.h"

#include <fmt/core.h>

namespace hourglass {

std::string printable(std::string_view text, std::size_t limit) {
  std::string result;
  for (char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 32 || byte == 127) {
      result += fmt::format("\\x{:02x}", byte);
    } else {
      result += c;
    }
  }
  return text.size() > limit ? result + "..." : result;
}

std::string in_quotes(std::string_view name) { return "'" + printable(name, 100) + "'"; }

}  // namespace hourglass
