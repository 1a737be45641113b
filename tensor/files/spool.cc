#include "tensor/files/spool.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

namespace hourglass::internal {
namespace {

// A file that is gone when its last descriptor is.
int file_without_name(std::string& problem) {
  std::error_code error;
  std::filesystem::path folder = std::filesystem::temp_directory_path(error);
  if (error) folder = "/tmp";
  std::string path = (folder / "hourglass-XXXXXX").string();
  const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
  if (descriptor < 0) {
    problem = "cannot keep what comes in " + folder.string() + ": " +
              std::generic_category().message(errno);
  } else {
    ::unlink(path.c_str());
  }
  return descriptor;
}

bool write_all(int to, const char* bytes, std::size_t n) {
  while (n > 0) {
    const ssize_t done = ::write(to, bytes, n);
    if (done < 0 && errno == EINTR) continue;
    if (done < 0) return false;
    bytes += done;
    n -= static_cast<std::size_t>(done);
  }
  return true;
}

void wait_for(int descriptor) {
  struct pollfd ready = {descriptor, POLLIN, 0};
  ::poll(&ready, 1, -1);
}

// A pipe that nobody writes to yet reads as one that has ended.
bool copy_all(int from, int to, bool waits, std::string& problem) {
  std::vector<char> block(std::size_t{1} << 16);
  for (bool any = false;;) {
    const ssize_t got = ::read(from, block.data(), block.size());
    if (got == 0 && (any || !waits)) return true;
    if (got == 0) {
      wait_for(from);
      waits = false;
    } else if (got < 0 && errno == EAGAIN) {
      wait_for(from);
    } else if (got < 0 && errno != EINTR) {
      problem = "cannot read: " + std::generic_category().message(errno);
      return false;
    } else if (got > 0) {
      any = true;
      if (write_all(to, block.data(), static_cast<std::size_t>(got))) continue;
      problem = "cannot keep what comes: " + std::generic_category().message(errno);
      return false;
    }
  }
}

}  // namespace

int spooled(int descriptor, bool waits, std::string& problem) {
  static std::mutex mutex;
  static std::map<std::pair<dev_t, ino_t>, int> kept;
  const std::lock_guard<std::mutex> lock(mutex);
  struct stat status = {};
  ::fstat(descriptor, &status);
  const std::pair key(status.st_dev, status.st_ino);
  if (kept.count(key) == 0) {
    const int file = file_without_name(problem);
    if (file < 0) return -1;
    if (!copy_all(descriptor, file, waits, problem)) {
      ::close(file);
      return -1;
    }
    kept[key] = file;
  }
  const int copy = ::fcntl(kept[key], F_DUPFD_CLOEXEC, 0);
  if (copy < 0) problem = "cannot open: " + std::generic_category().message(errno);
  return copy;
}

}  // namespace hourglass::internal
