#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tensor/files/byte_sink.h"

namespace hourglass::internal {

// A file being written. The bytes go to a hidden temporary file beside the target; commit() gives
// it the target's name, in one step. Without a commit (an exception passes, the disk is full) the
// destructor removes it, and the target is as it was. A link is followed; what is not a regular
// file but a device or a pipe (/dev/stdout) is written to directly.
class AtomicFile : public ByteSink {
 public:
  // FileErrors start with `op` and the path: "write_png: a/b.png: cannot create: Permission
  // denied".
  AtomicFile(std::string path, std::string_view op);
  ~AtomicFile() override;
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  using ByteSink::write;
  void write(const void* data, std::size_t n) override;
  std::uint64_t size() const { return size_; }  // bytes written so far
  void commit(Durability durability = Durability::kFast);

  [[noreturn]] void fail(std::string_view what) const;

 private:
  [[noreturn]] void fail(std::string_view what, int error) const;  // WriteError of a full disk
  void open_target();
  void flush();
  void sync();
  void close();

  std::string path_;  // as the caller gave it, for errors
  std::string op_;
  std::string target_;     // links followed
  std::string temporary_;  // empty when writing straight to a device, or when done
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
  std::vector<char> buffer_;
};

// Writes a small text file as a whole.
void write_text(const std::string& path, std::string_view text, std::string_view op,
                Durability durability = Durability::kFast);

// What was renamed, made or removed in a folder is on the disk then. Throws FileError.
void sync_folder(const std::string& path, std::string_view op);

}  // namespace hourglass::internal
