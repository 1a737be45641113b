#include "tensor/files/atomic_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/temporary_name.h"
#include "tensor/files/write_error.h"

namespace hourglass::internal {
namespace {

constexpr std::size_t kWrittenAtOnce = std::size_t{64} << 10;

// The file behind a link; the path itself when there is none yet.
std::string follow_links(const std::string& path) {
  std::error_code error;
  const std::filesystem::path real = std::filesystem::canonical(path, error);
  return error ? path : real.string();
}

}  // namespace

AtomicFile::AtomicFile(std::string path, std::string_view op) : path_(std::move(path)), op_(op) {
  buffer_.reserve(kWrittenAtOnce);
  open_target();
}

void AtomicFile::open_target() {
  if (path_.empty()) fail("cannot create: the path is empty");
  struct stat status = {};
  const bool exists = ::stat(path_.c_str(), &status) == 0;
  if (exists && S_ISDIR(status.st_mode)) fail("cannot create: a folder of this name exists");
  if (exists && ::access(path_.c_str(), W_OK) != 0) fail("cannot write", errno);
  const bool direct = exists && !S_ISREG(status.st_mode);
  target_ = direct ? path_ : follow_links(path_);
  if (direct) {
    descriptor_ = ::open(target_.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor_ < 0) fail("cannot write", errno);
    return;
  }
  do {
    temporary_ = temporary_name(target_);
    descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  } while (descriptor_ < 0 && errno == EEXIST);
  if (descriptor_ < 0) {
    temporary_.clear();
    fail("cannot create", errno);
  }
  // A file that is replaced keeps its permissions, as if it had been overwritten. Some file systems
  // have none to keep, which is no reason to fail.
  if (exists && ::fchmod(descriptor_, status.st_mode & 0777) != 0) errno = 0;
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::write(const void* data, std::size_t n) {
  const auto* bytes = static_cast<const char*>(data);
  size_ += n;
  while (n > 0) {
    const std::size_t step = std::min(n, kWrittenAtOnce - buffer_.size());
    buffer_.insert(buffer_.end(), bytes, bytes + step);
    bytes += step;
    n -= step;
    if (buffer_.size() == kWrittenAtOnce) flush();
  }
}

void AtomicFile::flush() {
  const char* next = buffer_.data();
  std::size_t n = buffer_.size();
  while (n > 0) {
    const ssize_t done = ::write(descriptor_, next, n);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) fail("cannot write", errno);
    next += done;
    n -= static_cast<std::size_t>(done);
  }
  buffer_.clear();
}

// Network file systems report a full disk only here.
void AtomicFile::close() {
  const int descriptor = std::exchange(descriptor_, -1);
  if (::close(descriptor) != 0 && errno != EINTR) fail("cannot write", errno);
}

void AtomicFile::sync() {
  if (::fsync(descriptor_) != 0) fail("cannot write", errno);
}

void AtomicFile::commit(Durability durability) {
  const bool durable = durability == Durability::kDurable && !temporary_.empty();
  flush();
  if (durable) sync();
  close();
  if (temporary_.empty()) return;
  if (std::rename(temporary_.c_str(), target_.c_str()) != 0) {
    fail("cannot create", errno);
  }
  temporary_.clear();
  if (durable) sync_folder(std::filesystem::path(target_).parent_path().string(), op_);
}

void AtomicFile::fail(std::string_view what) const {
  throw FileError(fmt::format("{}: {}: {}", op_, printable(path_), what));
}

void AtomicFile::fail(std::string_view what, int error) const {
  throw_file_error(error,
                   fmt::format("{}: {}: {}: {}", op_, printable(path_), what, errno_text(error)));
}

void write_text(const std::string& path, std::string_view text, std::string_view op,
                Durability durability) {
  AtomicFile file(path, op);
  file.write(text);
  file.commit(durability);
}

void sync_folder(const std::string& path, std::string_view op) {
  const std::string folder = path.empty() ? "." : path;
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  int error = descriptor < 0 || ::fsync(descriptor) != 0 ? errno : 0;
  if (descriptor >= 0) ::close(descriptor);
  if (error == EINVAL) error = 0;  // a file system that has no such thing
  if (error == 0) return;
  throw_file_error(
      error, fmt::format("{}: {}: cannot write: {}", op, printable(folder), errno_text(error)));
}

}  // namespace hourglass::internal
