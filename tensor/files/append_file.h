#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hourglass::internal {

// A file that grows by lines, such as a journal. What is appended is with the system at once: a
// process that is killed loses none of it, a machine without power what came after sync().
class AppendFile {
 public:
  // Made where it is not there; cut to its first `keep` bytes. Throws FileError ("op: path: what"),
  // also where it is shorter.
  AppendFile(std::string path, std::string_view op, std::uint64_t keep = 0);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  void append(std::string_view text);
  void sync();
  std::uint64_t size() const { return size_; }

 private:
  [[noreturn]] void fail(std::string_view what, int error) const;

  std::string path_, op_;
  int descriptor_ = -1;
  std::uint64_t size_ = 0;
};

}  // namespace hourglass::internal
