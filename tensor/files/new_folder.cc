#include "tensor/files/new_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <thread>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/input_file.h"
#include "tensor/files/temporary_name.h"
#include "tensor/files/write_error.h"

namespace hourglass::internal {
namespace {

namespace fs = std::filesystem;

constexpr int kLooks = 20;  // at a lock that is held, before it is believed

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
// One that only looks shares it with others that look.
int lock_folder(const std::string& path, int how = LOCK_EX) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0 || ::flock(descriptor, how | LOCK_NB) == 0) return descriptor;
  const int error = errno;
  ::close(descriptor);
  errno = error;
  return -1;
}

// Whether a process holds the folder's lock.
bool is_held(const std::string& path) {
  errno = 0;
  const int descriptor = lock_folder(path, LOCK_SH);
  const bool held = descriptor < 0 && errno == EWOULDBLOCK;
  if (descriptor >= 0) ::close(descriptor);
  return held;
}

// Of temporary_name(): ".NAME.PID-N.tmp", of any name where it is empty.
bool is_temporary(std::string_view file, std::string_view name) {
  const std::string_view ending = ".tmp";
  const std::string begin = name.empty() ? "." : fmt::format(".{}.", name);
  if (!file.starts_with(begin) || !file.ends_with(ending)) return false;
  file.remove_suffix(ending.size());
  const std::string_view numbers = file.substr(file.rfind('.') + 1);
  if (!name.empty() && numbers.size() + begin.size() != file.size()) return false;
  const std::size_t dash = numbers.find('-');
  return dash != std::string_view::npos && dash > 0 && dash + 1 < numbers.size() &&
         numbers.find_first_not_of("0123456789-") == std::string_view::npos;
}

// That a killed process has left in a folder that is now ours.
void remove_temporary_files(const std::string& folder) {
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    if (is_temporary(entry.path().filename().string(), "")) remove_tree(entry.path().string());
  }
}

// In a folder that grows as TARGET.new.
std::string mark_of(const std::string& folder) { return folder + "/.unfinished"; }

std::string beside(const std::string& target) { return target + ".new"; }

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

bool is_free(const std::string& folder) {
  const int descriptor = lock_folder(folder, LOCK_SH);
  if (descriptor >= 0) ::close(descriptor);
  return descriptor >= 0;
}

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

namespace {

void check_beside(const std::string& given, const std::string& target, std::string_view op,
                  const NewFolderOptions& options) {
  const std::string left = printable(beside(target));
  if (!exists(beside(target))) return;
  if (is_held(beside(target))) fail_at(op, given, "another process is writing it");
  if (!exists(mark_of(beside(target)))) {
    fail_at(
        op, given,
        fmt::format(
            "{0} is left of a run that was replaced, or of an older program: rm -r {0} removes it",
            left));
  }
  const std::string remedy = options.take_up.empty() ? "" : options.take_up + " takes it up, ";
  fail_at(op, given,
          fmt::format("{0} is what a process that was killed left: {1}rm -r {0} removes it", left,
                      remedy));
}

}  // namespace

std::vector<std::string> left_beside(const std::string& given) {
  const fs::path target = normal_target(given);
  const fs::path folder = target.parent_path().empty() ? "." : target.parent_path();
  std::vector<std::string> left;
  std::error_code ignored;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool ours = is_temporary(name, target.filename().string()) ||
                      name == target.filename().string() + ".partial";
    if (ours && !is_held(entry.path().string())) left.push_back(entry.path().string());
  }
  std::sort(left.begin(), left.end());
  return left;
}

void check_new_folder(const std::string& given, std::string_view op,
                      const NewFolderOptions& options) {
  if (given.empty()) fail_at(op, given, "cannot create: the path is empty");
  const std::string target = normal_target(given);
  if (options.numbered) return;
  check_beside(given, target, op, options);
  if (!exists(target)) return;
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

NewFolder::NewFolder(TakeUp, const std::string& target, std::string_view op,
                     NewFolderOptions options)
    : given_(target), op_(op), target_(normal_target(target)), options_(std::move(options)) {
  const bool grown = exists(mark_of(beside(target_)));
  path_ = grown ? beside(target_) : target_;
  if (!exists(path_)) fail("there is no such folder");
  lock_ = lock_folder(path_);
  for (int again = 0; lock_ < 0 && errno == EWOULDBLOCK && again < kLooks; ++again) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));  // somebody only looked: is_free()
    lock_ = lock_folder(path_);
  }
  if (lock_ < 0 && errno == EWOULDBLOCK) fail("another process is writing it");
  kept_ = true;
  if (!grown && exists(mark_of(target_))) end_exchange();
  remove_temporary_files(path_);
}

NewFolder NewFolder::take_up(const std::string& target, std::string_view op,
                             NewFolderOptions options) {
  return NewFolder(TakeUp{}, target, op, std::move(options));
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
  if (options_.largest_file > limit.rlim_cur) {
    throw WriteError(fmt::format("{}: {}: needs a file of {} bytes, the limit (ulimit -f) is {}",
                                 op_, printable(given_), options_.largest_file, limit.rlim_cur));
  }
  std::error_code unknown;
  const fs::space_info disk = fs::space(path_, unknown);
  if (unknown || options_.bytes <= disk.available) return;
  throw WriteError(fmt::format("{}: {}: needs {} bytes, there is room for {}", op_,
                               printable(given_), options_.bytes, disk.available));
}

// Gives the folder, with what is in it by now, the name under which it grows.
void NewFolder::show() {
  const std::string stem = target_;
  const bool replaces = !options_.numbered && options_.replace && exists(target_);
  if (replaces) mark();
  for (int i = 1;; ++i) {
    if (options_.numbered) target_ = fmt::format("{}-{}", stem, i);
    const std::string name = replaces ? beside(target_) : target_;
    int error = rename_to_free_in_one_step(path_, name);
    if (error == EINVAL || error == ENOSYS) error = rename_to_free_in_two_steps(path_, name);
    if (error == 0) {
      path_ = name;
      sync_folder(fs::path(name).parent_path().string(), op_);
      return;
    }
    if (error == EEXIST && options_.numbered) continue;
    if (error != EEXIST) fail("cannot create", error);
    if (is_held(name)) fail("another process is writing it");
    if (!replaces) fail("exists already");
    check_beside(given_, target_, op_, options_);
  }
}

// The old folder may have kept its own mark, of a process that was killed at the very end.
void NewFolder::mark() const {
  write_text(mark_of(path_), "", op_, Durability::kDurable);
  ::unlink(mark_of(target_).c_str());
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
  const std::string parent = fs::path(target_).parent_path().string();
  if (!exists(target_)) {
    const int error = rename_to_free_in_one_step(path_, target_);
    if (error != 0) fail("cannot create", error);
    ::unlink(mark_of(target_).c_str());
    return;
  }
  const std::string why = why_not_replaced(target_, options_.marker);
  if (!why.empty()) fail(why);
  int error = exchange_in_one_step(path_, target_);
  if (error == EINVAL || error == ENOSYS) error = exchange_in_two_steps(path_, target_);
  if (error != 0) fail("cannot replace", error);
  sync_folder(parent, op_);
  end_exchange();
}

// The old one has the other name, and no mark; the new one keeps its own until the old one is gone.
void NewFolder::end_exchange() const {
  remove_tree(beside(target_));
  ::unlink(mark_of(target_).c_str());
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
