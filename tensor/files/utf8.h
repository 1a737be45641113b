#pragma once

#include <string>
#include <string_view>

namespace hourglass::internal {

// Any bytes as UTF-8, which JSON has to be, and back: a byte that is not part of UTF-8 becomes the
// character U+F700 plus the byte, of those that nobody assigns, and so do the bytes of these
// characters themselves. What is UTF-8 without them stays as it is.
std::string utf8_of_bytes(std::string_view bytes);
std::string bytes_of_utf8(std::string_view text);

}  // namespace hourglass::internal
