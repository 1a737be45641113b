#pragma once

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <system_error>

namespace hourglass::fuzz {

// A file in memory that has a path, for readers that take nothing else.
class MemoryFile {
 public:
  MemoryFile() : descriptor_(::memfd_create("input", MFD_CLOEXEC)) { check(descriptor_ >= 0); }
  ~MemoryFile() { ::close(descriptor_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;

  std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

  // In place of what it held.
  void put(std::string_view bytes) const {
    check(::pwrite(descriptor_, bytes.data(), bytes.size(), 0) ==
          static_cast<ssize_t>(bytes.size()));
    check(::ftruncate(descriptor_, static_cast<off_t>(bytes.size())) == 0);
  }

 private:
  static void check(bool done) {
    if (!done) throw std::system_error(errno, std::generic_category(), "memory file");
  }

  int descriptor_;
};

}  // namespace hourglass::fuzz
