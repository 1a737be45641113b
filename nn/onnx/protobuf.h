#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hourglass::internal {

// A message of Protocol Buffers while it is written, field by field: all that an ONNX file is made of.
// A field that repeats is written once for each of its values.
class ProtobufMessage {
 public:
  void integer(int field, std::int64_t value);  // int32, int64 and enum
  void real(int field, float value);
  void text(int field, std::string_view value);  // string and bytes
  void message(int field, const ProtobufMessage& value) { text(field, value.bytes_); }

  const std::string& bytes() const { return bytes_; }

 private:
  void varint(std::uint64_t value);
  void key(int field, std::uint64_t wire_type);

  std::string bytes_;
};

}  // namespace hourglass::internal
