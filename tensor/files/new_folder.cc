#include "tensor/files/new_folder.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/temporary_name.h"

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

}  // namespace

int exchange_in_one_step(const std::string& fresh, const std::string& old) {
  return ::renameat2(AT_FDCWD, fresh.c_str(), AT_FDCWD, old.c_str(), RENAME_EXCHANGE) == 0 ? 0
                                                                                           : errno;
}

int exchange_in_two_steps(const std::string& fresh, const std::string& old) {
  const std::string aside = partial_name(old);
  if (std::rename(old.c_str(), aside.c_str()) != 0) return errno;
  if (std::rename(fresh.c_str(), old.c_str()) != 0) {
    const int error = errno;
    std::rename(aside.c_str(), old.c_str());
    return error;
  }
  return std::rename(aside.c_str(), fresh.c_str()) == 0 ? 0 : errno;
}

NewFolder::NewFolder(std::string target, std::string_view op, NewFolderOptions options)
    : given_(std::move(target)), op_(op), options_(std::move(options)) {
  if (given_.empty()) fail("cannot create: the path is empty");
  target_ = normal_target(given_);
  check_target();
  try {
    make_parents();
    int error = EEXIST;
    while (error == EEXIST) {
      path_ = partial_name(target_);
      error = ::mkdir(path_.c_str(), 0777) == 0 ? 0 : errno;
    }
    if (error != 0) fail("cannot create: " + errno_text(error));
  } catch (...) {
    remove_made_parents();  // the destructor does not run after a throw from here
    throw;
  }
}

NewFolder::~NewFolder() {
  if (committed_) return;
  remove_tree(path_);
  remove_made_parents();
}

std::string NewFolder::file(std::string_view name) const {
  return fmt::format("{}/{}", path_, name);
}

void NewFolder::check_target() const {
  if (!exists(target_)) return;
  if (!options_.replace) fail("exists already");
  check_replaceable();
}

void NewFolder::check_replaceable() const {
  std::error_code error;
  if (!fs::is_directory(target_, error)) fail("exists already and is not a folder: not replaced");
  const bool empty = fs::is_empty(target_, error);
  if (error) fail("cannot replace: " + error.message());
  if (!empty && !options_.marker.empty() && !exists(target_ + "/" + options_.marker)) {
    fail(fmt::format("exists already and has no {} in it: not replaced", options_.marker));
  }
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
      fail(fmt::format("cannot create the folder {}: {}", printable(folder), errno_text(errno)));
    }
  }
}

void NewFolder::remove_made_parents() noexcept {
  while (!made_parents_.empty()) {
    std::error_code not_empty;  // somebody else uses it by now: then it stays
    fs::remove(made_parents_.back(), not_empty);
    made_parents_.pop_back();
  }
}

void NewFolder::exchange() {
  check_replaceable();
  int error = exchange_in_one_step(path_, target_);
  if (error == EINVAL || error == ENOSYS) error = exchange_in_two_steps(path_, target_);
  if (error != 0) fail("cannot replace: " + errno_text(error));
}

void NewFolder::commit() {
  if (committed_) return;
  if (exists(target_)) {
    if (!options_.replace) fail("exists already");
    exchange();
    committed_ = true;
    remove_tree(path_);  // the old one has this name now
  } else {
    // A plain rename would silently take the place of an empty folder made at this moment; no harm.
    if (std::rename(path_.c_str(), target_.c_str()) != 0) {
      fail("cannot create: " + errno_text(errno));
    }
    committed_ = true;
  }
  path_ = target_;
}

void NewFolder::fail(std::string_view what) const {
  throw FileError(fmt::format("{}: {}: {}", op_, printable(given_), what));
}

}  // namespace hourglass::internal
