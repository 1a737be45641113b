#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/input_file.h"

struct z_stream_s;

namespace hourglass {

enum class Coding : std::uint8_t { kPlain, kGzip, kDeflate };

// The bytes of a file, or of a part of it, from front to back, decompressed on the way. Compressed
// data that break off or are corrupt throw FileError with the offset in the file as it lies on
// disk; the checksum of gzip data has been verified once expect_end() returns.
class ByteStream {
 public:
  // The whole file; gzip data (told by their content, not by the name) are decompressed.
  explicit ByteStream(const InputFile& file);
  // Bytes [first, last) of the file, which lie in it. `part` names them in errors ("member x.npy").
  ByteStream(const InputFile& file, std::uint64_t first, std::uint64_t last, Coding coding,
             std::string part = "");
  ~ByteStream();
  ByteStream(const ByteStream&) = delete;
  ByteStream& operator=(const ByteStream&) = delete;

  // Up to n bytes; fewer only at the end.
  std::size_t read_some(void* to, std::size_t n);
  // Exactly n bytes, else FileError: "the data break off: expected 784 bytes of data, found 12".
  void read(void* to, std::size_t n, std::string_view what);
  // FileError when any byte follows.
  void expect_end(std::string_view what);

  // The CRC-32 of the bytes given out since track_crc().
  void track_crc() { tracks_crc_ = true; }
  std::uint32_t crc() const { return crc_; }

  // The position: in the file when it is plain, in the decompressed data otherwise.
  std::uint64_t offset() const { return offset_; }
  // How many bytes may still come: exact for plain data, an upper bound for compressed data. Sizes
  // that a file claims are compared with it before memory is asked for.
  std::uint64_t at_most() const;
  bool exact() const { return coding_ == Coding::kPlain; }

  [[noreturn]] void fail_at(std::uint64_t offset, std::string_view what) const;
  const InputFile& file() const { return file_; }

 private:
  struct Close {
    void operator()(z_stream_s* stream) const;
  };

  void open_inflate();
  void refill();
  std::size_t inflate_some(void* to, std::size_t n);
  bool only_zeros(std::uint64_t count) const;
  void end_of_member();
  [[noreturn]] void fail_compressed(std::string_view what) const;

  const InputFile& file_;
  std::string part_;
  Coding coding_;
  std::uint64_t next_ = 0;  // the next byte of the file to fetch
  std::uint64_t last_ = 0;
  std::uint64_t offset_ = 0;
  std::uint64_t packed_size_ = 0;
  bool ended_ = false;
  bool tracks_crc_ = false;
  std::uint32_t crc_ = 0;
  std::vector<unsigned char> buffer_;
  std::unique_ptr<z_stream_s, Close> inflate_;
};

}  // namespace hourglass
