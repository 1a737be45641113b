#include "tensor/files/append_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/write_error.h"

namespace hourglass::internal {

AppendFile::AppendFile(std::string path, std::string_view op, std::uint64_t keep)
    : path_(std::move(path)), op_(op), size_(keep) {
  descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) fail("cannot write", errno);
  struct stat status = {};
  int error = ::fstat(descriptor_, &status) == 0 ? 0 : errno;
  const bool shorter = error == 0 && static_cast<std::uint64_t>(status.st_size) < keep;
  if (error == 0 && !shorter && ::ftruncate(descriptor_, static_cast<off_t>(keep)) != 0) {
    error = errno;
  }
  if (error == 0 && !shorter) return;
  ::close(descriptor_);  // the destructor does not run after a throw from here
  if (error != 0) fail("cannot write", error);
  throw FileError(fmt::format("{}: {}: is {} bytes long: expected at least {}", op_,
                              printable(path_), status.st_size, keep));
}

AppendFile::~AppendFile() { ::close(descriptor_); }

void AppendFile::append(std::string_view text) {
  while (!text.empty()) {
    const ssize_t done = ::pwrite(descriptor_, text.data(), text.size(), static_cast<off_t>(size_));
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("cannot write", errno);
    size_ += static_cast<std::uint64_t>(done);
    text.remove_prefix(static_cast<std::size_t>(done));
  }
}

void AppendFile::sync() {
  if (::fsync(descriptor_) != 0) fail("cannot write", errno);
}

void AppendFile::fail(std::string_view what, int error) const {
  throw_file_error(error,
                   fmt::format("{}: {}: {}: {}", op_, printable(path_), what, errno_text(error)));
}

}  // namespace hourglass::internal
