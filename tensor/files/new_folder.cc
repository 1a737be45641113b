#include "tensor/files/new_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/temporary_name.h"
#include "tensor/files/write_error.h"

namespace hourglass::internal {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
  std::error_code error;
  return fs::exists(fs::symlink_status(path, error));
}

// "a/b/" is "a/b"; a link to a folder stands for the folder.
std::string normal_target(const std::string& given) {
  std::error_code error;
  const fs::path real = fs::canonical(given, error);
  if (!error) return real.string();
  std::string path = given;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

void remove_tree(const std::string& path) noexcept {
  std::error_code ignored;
  fs::remove_all(path, ignored);
}

[[noreturn]] void fail_at(std::string_view op, const std::string& target, std::string_view what) {
  throw FileError(fmt::format("{}: {}: {}", op, printable(target), what));
}

// A descriptor that holds the folder's lock; -1 where another process has it, or there are none.
int lock_folder(const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

// Whether a process holds the folder's lock.
bool is_held(const std::string& path) {
  errno = 0;
  const int descriptor = lock_folder(path);
  const bool held = descriptor < 0 && errno == EWOULDBLOCK;
  if (descriptor >= 0) ::close(descriptor);
  return held;
}

// Nothing where the folder may be replaced; else why not.
std::string why_not_replaced(const std::string& target, const std::string& marker) {
  std::error_code error;
  if (!fs::is_directory(target, error)) return "exists already and is not a folder: not replaced";
  const bool empty = fs::is_empty(target, error);
  if (error) return "cannot replace: " + error.message();
  if (!empty && !marker.empty() && !exists(target + "/" + marker)) {
    return fmt::format("exists already and has no {} in it: not replaced", marker);
  }
  return "";
}

}  // namespace

int exchange_in_one_step(const std::string& fresh, const std::string& old) {
  return ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, old.c_str(), RENAME_EXCHANGE) == 0 ? 0
                                                                                           : errno;
}

int exchange_in_two_steps(const std::string& fresh, const std::string& old) {
  const std::string aside = temporary_name(old);
  if (std::rename(old.c_str(), aside.c_str()) != 0) return errno;
  if (std::rename(fresh.c_str(), old.c_str()) != 0) {
    const int error = errno;
    std::rename(aside.c_str(), old.c_str());
    return error;
  }
  return std::rename(aside.c_str(), fresh.c_str()) == 0 ? 0 : errno;
}

int rename_to_free_in_one_step(const std::string& fresh, const std::string& name) {
  return ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, name.c_str(), RENAME_NOREPLACE) == 0
             ? 0
             : errno;
}

// A folder may be renamed to an empty one.
int rename_to_free_in_two_steps(const std::string& fresh, const std::string& name) {
  if (::mkdir(name.c_str(), 0777) != 0) return errno;
  if (std::rename(fresh.c_str(), name.c_str()) == 0) return 0;
  const int error = errno;
  ::rmdir(name.c_str());
  return error;
}

void check_new_folder(const std::string& given, std::string_view op,
                      const NewFolderOptions& options) {
  if (given.empty()) fail_at(op, given, "cannot create: the path is empty");
  const std::string target = normal_target(given);
  if (options.numbered || !exists(target)) return;
  if (is_held(target)) fail_at(op, given, "another process is writing it");
  if (options.replace) {
    const std::string why = why_not_replaced(target, options.marker);
    if (!why.empty()) fail_at(op, given, why);
    return;
  }
  fail_at(op, given, "exists already" + (options.advice.empty() ? "" : ": " + options.advice));
}

NewFolder::NewFolder(std::string target, std::string_view op, NewFolderOptions options,
                     const Begin& begin)
    : given_(std::move(target)), op_(op), options_(std::move(options)) {
  check_new_folder(given_, op_, options_);
  target_ = options_.numbered ? given_ : normal_target(given_);
  try {
    make_parents();
    make_hidden();
    check_room();
    if (begin) begin(path_);
    show();
  } catch (...) {
    remove_all();  // the destructor does not run after a throw from here
    throw;
  }
}

NewFolder::~NewFolder() {
  if (kept_) {
    if (lock_ >= 0) ::close(lock_);
  } else {
    remove_all();
  }
}

std::string NewFolder::file(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

void NewFolder::make_parents() {
  std::vector<std::string> missing;
  fs::path parent = fs::path(target_).parent_path();
  for (; !parent.empty() && !exists(parent.string()); parent = parent.parent_path()) {
    missing.push_back(parent.string());
  }
  std::reverse(missing.begin(), missing.end());
  for (const std::string& folder : missing) {
    if (::mkdir(folder.c_str(), 0777) == 0) {
      made_parents_.push_back(folder);
    } else if (errno != EEXIST) {
      fail(fmt::format("cannot create the folder {}", printable(folder)), errno);
    }
  }
}

void NewFolder::make_hidden() {
  int error = EEXIST;
  std::string hidden;
  while (error == EEXIST) {
    hidden = temporary_name(target_);
    error = ::mkdir(hidden.c_str(), 0777) == 0 ? 0 : errno;
  }
  if (error != 0) fail("cannot create", error);
  path_ = hidden;
  lock_ = lock_folder(path_);
}

// Throws WriteError unless the disk and the process's own limit take what will be written.
void NewFolder::check_room() const {
  rlimit limit = {};
  ::getrlimit(RLIMIT_FSIZE, &limit);
  std::error_code unknown;
  const fs::space_info disk = fs::space(path_, unknown);
  const std::uint64_t room = std::min<std::uint64_t>(limit.rlim_cur, disk.available);
  if (unknown || options_.bytes <= room) return;
  throw WriteError(fmt::format("{}: {}: needs {} bytes, there is room for {}", op_,
                               printable(given_), options_.bytes, room));
}

// Gives the folder, with what is in it by now, the name under which it grows.
void NewFolder::show() {
  const std::string stem = target_;
  const bool beside = !options_.numbered && options_.replace && exists(target_);
  for (int i = 1;; ++i) {
    if (options_.numbered) target_ = fmt::format("{}-{}", stem, i);
    const std::string name = beside ? target_ + ".new" : target_;
    int error = rename_to_free_in_one_step(path_, name);
    if (error == EINVAL || error == ENOSYS) error = rename_to_free_in_two_steps(path_, name);
    if (error == 0) {
      path_ = name;
      return;
    }
    if (error == EEXIST && options_.numbered) continue;
    if (error != EEXIST) fail("cannot create", error);
    if (is_held(name)) fail("another process is writing it");
    if (!beside) fail("exists already");
    fail(fmt::format("{0} is what a process that was killed left: remove it: rm -r {0}",
                     printable(name)));
  }
}

void NewFolder::remove_made_parents() noexcept {
  while (!made_parents_.empty()) {
    std::error_code not_empty;  // somebody else uses it by now: then it stays
    fs::remove(made_parents_.back(), not_empty);
    made_parents_.pop_back();
  }
}

void NewFolder::remove_all() noexcept {
  if (!path_.empty()) remove_tree(path_);
  remove_made_parents();
  if (lock_ >= 0) ::close(lock_);
}

void NewFolder::exchange() {
  if (!exists(target_)) {
    const int error = rename_to_free_in_one_step(path_, target_);
    if (error != 0) fail("cannot create", error);
    return;
  }
  const std::string why = why_not_replaced(target_, options_.marker);
  if (!why.empty()) fail(why);
  int error = exchange_in_one_step(path_, target_);
  if (error == EINVAL || error == ENOSYS) error = exchange_in_two_steps(path_, target_);
  if (error != 0) fail("cannot replace", error);
  remove_tree(path_);  // the old one has this name now
}

void NewFolder::keep() {
  kept_ = true;
  if (options_.within) options_.within->keep();
}

void NewFolder::commit() {
  keep();
  if (path_ == target_) return;
  exchange();
  path_ = target_;
}

void NewFolder::fail(std::string_view what) const { fail_at(op_, given_, what); }

void NewFolder::fail(std::string_view what, int error) const {
  throw_file_error(error,
                   fmt::format("{}: {}: {}: {}", op_, printable(given_), what, errno_text(error)));
}

}  // namespace hourglass::internal
