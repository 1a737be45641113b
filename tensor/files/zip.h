#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"

namespace hourglass::internal {

// The ZIP archives that NPZ files are (PKWARE's APPNOTE.TXT), as far as those need: members that
// are stored or deflated, ZIP64 in reading, no encryption, one disk, nothing before the first
// member.

struct ZipMember {
  std::string name;
  std::uint64_t first = 0, last = 0;  // its data in the file, as they are packed
  bool deflated = false;
  std::uint64_t size = 0;  // unpacked
  std::uint32_t crc = 0;
  std::uint64_t entry = 0;  // where the directory describes it, for errors
};

// The directory; every range has been checked to lie in the file, and no two overlap. Throws
// FileError.
std::vector<ZipMember> read_zip_directory(const InputFile& file);

// Writes stored members one after the other, then the directory; times are 1980-01-01.
class ZipWriter {
 public:
  explicit ZipWriter(ByteSink& sink) : sink_(sink) {}
  // Announces a member; exactly `size` bytes with this CRC are then to be written to the sink.
  void begin(std::string_view name, std::uint32_t size, std::uint32_t crc);
  void finish();
  // The bytes that a member of this name takes in headers, and those of an empty archive.
  static std::uint64_t overhead(std::string_view name) { return 30 + 46 + 2 * name.size(); }
  static constexpr std::uint64_t kEndBytes = 22;

 private:
  ByteSink& sink_;
  std::uint64_t offset_ = 0;
  std::uint16_t count_ = 0;
  std::string directory_;
};

}  // namespace hourglass::internal
