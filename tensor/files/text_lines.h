#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "tensor/files/byte_stream.h"

namespace hourglass::internal {

// The lines of a text, without their ends and without the byte order mark of UTF-8. A line takes at
// most 16 MiB.
class TextLines {
 public:
  explicit TextLines(ByteStream& stream) : stream_(stream) {}

  bool next(std::string& line);                     // false at the end
  std::uint64_t number() const { return number_; }  // of that line, from 1
  // "op: path: line 3: what".
  [[noreturn]] void fail(const std::string& what) const;

 private:
  bool fill();

  ByteStream& stream_;
  std::string buffer_;
  std::size_t at_ = 0;
  std::uint64_t number_ = 0;
};

}  // namespace hourglass::internal
