#include "nn/onnx/protobuf.h"

#include <bit>

namespace hourglass::internal {

void ProtobufMessage::varint(std::uint64_t value) {
  for (; value >= 128; value >>= 7) bytes_ += static_cast<char>((value & 127) | 128);
  bytes_ += static_cast<char>(value);
}

void ProtobufMessage::key(int field, std::uint64_t wire_type) {
  varint(static_cast<std::uint64_t>(field) << 3 | wire_type);
}

void ProtobufMessage::integer(int field, std::int64_t value) {
  key(field, 0);
  varint(static_cast<std::uint64_t>(value));
}

void ProtobufMessage::real(int field, float value) {
  key(field, 5);
  const auto bits = std::bit_cast<std::uint32_t>(value);
  for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift & 255);
}

void ProtobufMessage::text(int field, std::string_view value) {
  key(field, 2);
  varint(value.size());
  bytes_ += value;
}

}  // namespace hourglass::internal
