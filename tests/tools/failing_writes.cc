// Stands before the C library's calls that change files (LD_PRELOAD) and spoils one of them, the
// one that HOURGLASS_SPOIL counts, as "17:fail": it fails with EIO ("fail"), or the process is
// killed ahead of it ("kill"), or the machine loses power ("power"): what was written to a file
// since it was last synchronised is gone, too.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>

namespace {

struct Written {
  int descriptor = -1;  // another of the same file
  off_t synced = 0;     // bytes that are on the disk
};

std::mutex mutex;
std::map<ino_t, Written>& files() {
  static std::map<ino_t, Written> all;
  return all;
}

template <class F>
F* next(const char* name) {
  return reinterpret_cast<F*>(::dlsym(RTLD_NEXT, name));
}

bool is_file(int descriptor, struct stat& status) {
  return descriptor > STDERR_FILENO && ::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode);
}

void lose_power() {
  const std::lock_guard lock(mutex);
  for (const auto& [inode, file] : files()) {
    struct stat status = {};
    if (::fstat(file.descriptor, &status) != 0 || status.st_size <= file.synced) continue;
    if (next<int(int, off_t)>("ftruncate")(file.descriptor, file.synced) != 0) std::abort();
  }
}

// Whether the call that is about to be made fails.
bool spoilt() {
  static std::atomic<int> calls = 0;
  static const char* const plan = std::getenv("HOURGLASS_SPOIL");
  if (plan == nullptr || ++calls != std::atoi(plan)) return false;
  const char* mode = std::strchr(plan, ':') + 1;
  if (std::strcmp(mode, "fail") == 0) {
    errno = EIO;
    return true;
  }
  if (std::strcmp(mode, "power") == 0) lose_power();
  std::raise(SIGKILL);
  return true;
}

void note_written(int descriptor, const struct stat& before) {
  const std::lock_guard lock(mutex);
  Written& file = files()[before.st_ino];
  if (file.descriptor < 0) file = {::dup(descriptor), before.st_size};
}

}  // namespace

extern "C" {

ssize_t write(int descriptor, const void* data, size_t n) {
  struct stat status = {};
  if (is_file(descriptor, status)) {
    note_written(descriptor, status);
    if (spoilt()) return -1;
  }
  return next<ssize_t(int, const void*, size_t)>("write")(descriptor, data, n);
}

ssize_t pwrite(int descriptor, const void* data, size_t n, off_t at) {
  struct stat status = {};
  if (is_file(descriptor, status)) {
    note_written(descriptor, status);
    if (spoilt()) return -1;
  }
  return next<ssize_t(int, const void*, size_t, off_t)>("pwrite")(descriptor, data, n, at);
}

int fsync(int descriptor) {
  if (spoilt()) return -1;
  const int result = next<int(int)>("fsync")(descriptor);
  struct stat status = {};
  if (result == 0 && is_file(descriptor, status)) {
    const std::lock_guard lock(mutex);
    const auto found = files().find(status.st_ino);
    if (found != files().end()) found->second.synced = status.st_size;
  }
  return result;
}

int rename(const char* from, const char* to) {
  return spoilt() ? -1 : next<int(const char*, const char*)>("rename")(from, to);
}

int renameat2(int from_folder, const char* from, int to_folder, const char* to, unsigned flags) {
  if (spoilt()) return -1;
  return next<int(int, const char*, int, const char*, unsigned)>("renameat2")(from_folder, from,
                                                                              to_folder, to, flags);
}

int mkdir(const char* path, mode_t mode) {
  return spoilt() ? -1 : next<int(const char*, mode_t)>("mkdir")(path, mode);
}

int ftruncate(int descriptor, off_t length) {
  return spoilt() ? -1 : next<int(int, off_t)>("ftruncate")(descriptor, length);
}
}
