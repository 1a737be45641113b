#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "tensor/error.h"

namespace hourglass {

std::string bytes_text(std::uint64_t n);  // "1 byte", "12 bytes"

// What the system says about an errno value: "No such file or directory".
std::string errno_text(int error);

// What the first bytes of a file look like: "a PNG image", "an HTML page", "text", "an empty file".
// For errors about a wrong magic number. Up to 64 bytes are looked at.
std::string looks_like(std::string_view head);

// A file open for reading: a regular one, or what came through a pipe, or, by the path -, through
// standard input. Its errors are FileErrors of one line that start with the operation and the path:
// "read_idx: data/x: cannot open: No such file or directory".
class InputFile {
 public:
  // Throws FileError when the file is missing, may not be read or is a folder or a device. Waits for
  // the end of a pipe, and for nothing else.
  InputFile(std::string path, std::string_view op);
  ~InputFile();
  InputFile(const InputFile&) = delete;
  InputFile& operator=(const InputFile&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }  // bytes, when it was opened

  int descriptor() const { return descriptor_; }
  // FileError when the file has become shorter than it was.
  void check_size() const;

  // Exactly the n bytes at `offset`; FileError when the file ends before.
  void read_at(std::uint64_t offset, void* to, std::size_t n) const;

  // The first n bytes, or all of a shorter file.
  std::string head(std::size_t n) const;

  // "op: path: what" and "op: path: byte offset: what".
  [[noreturn]] void fail(std::string_view what) const;
  [[noreturn]] void fail_at(std::uint64_t offset, std::string_view what) const;

 private:
  std::string path_;
  std::string op_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

// A whole small file, such as a configuration; FileError when it is larger than `limit` bytes.
std::string read_text(const std::string& path, std::string_view op, std::uint64_t limit = 16 << 20);

}  // namespace hourglass
