#include "tensor/files/input_file.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "tensor/counted.h"
#include "tensor/error.h"
#include "tensor/files/spool.h"

namespace hourglass {
namespace {

std::string kind_of(mode_t mode) {
  if (S_ISDIR(mode)) return "a folder";
  return "a device";
}

// One that has a name in a folder, and not another's end that is open already.
bool is_named_pipe(const std::string& path) {
  struct stat status = {};
  return ::lstat(path.c_str(), &status) == 0 && S_ISFIFO(status.st_mode);
}

bool is_text(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte >= 32 ? byte != 127 : byte == '\t' || byte == '\n' || byte == '\r';
  });
}

}  // namespace

std::string bytes_text(std::uint64_t n) { return counted(n, "byte"); }

std::string errno_text(int error) { return std::generic_category().message(error); }

std::string looks_like(std::string_view head) {
  using namespace std::string_view_literals;
  constexpr std::pair<std::string_view, const char*> kMagics[] = {
      {"\x89PNG"sv, "a PNG image"},     {"\xff\xd8\xff"sv, "a JPEG image"},
      {"GIF8"sv, "a GIF image"},        {"BM"sv, "a BMP image"},
      {"\x1f\x8b"sv, "gzip data"},      {"BZh"sv, "bzip2 data"},
      {"\xfd\x37zXZ"sv, "xz data"},     {"\x28\xb5\x2f\xfd"sv, "zstd data"},
      {"PK"sv, "a ZIP or NPZ archive"}, {"\x93NUMPY"sv, "a NumPy array (.npy)"},
      {"\x89HDF"sv, "an HDF5 file"},    {"%PDF"sv, "a PDF document"},
      {"<!DOCTYPE"sv, "an HTML page"},  {"<!doctype"sv, "an HTML page"},
      {"<html"sv, "an HTML page"},      {"version https://git-lfs"sv, "a Git LFS pointer"},
      {"\xff\xfe"sv, "UTF-16 text"},    {"\xfe\xff"sv, "UTF-16 text"},
  };
  if (head.empty()) return "an empty file";
  for (const auto& [magic, name] : kMagics) {
    if (head.substr(0, magic.size()) == magic) return name;
  }
  const bool length_then_json =
      head.size() > 8 && head[8] == '{' && head.substr(4, 4) == "\0\0\0\0"sv;
  if (length_then_json) return "a safetensors file";
  const bool zeros_type_rank = head.size() >= 4 && head[0] == 0 && head[1] == 0 && head[2] >= 8 &&
                               head[2] <= 14 && head[2] != 10 && head[3] != 0;
  if (zeros_type_rank) return "an IDX file";
  return is_text(head.substr(0, 64)) ? "text" : "unknown binary data";
}

InputFile::InputFile(std::string path, std::string_view op) : path_(std::move(path)), op_(op) {
  // Without O_NONBLOCK, opening a device may wait.
  descriptor_ = path_ == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                             : ::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  if (descriptor_ < 0) fail("cannot open: " + errno_text(errno));
  struct stat status = {};
  std::string problem;
  if (::fstat(descriptor_, &status) != 0) problem = "cannot open: " + errno_text(errno);
  if (S_ISFIFO(status.st_mode) || S_ISSOCK(status.st_mode)) {
    const int pipe =
        std::exchange(descriptor_, spooled(descriptor_, is_named_pipe(path_), problem));
    ::close(pipe);
    if (descriptor_ >= 0) ::fstat(descriptor_, &status);
  }
  if (problem.empty() && !S_ISREG(status.st_mode)) {
    problem = "not a regular file: found " + kind_of(status.st_mode);
  }
  if (!problem.empty()) {
    if (descriptor_ >= 0)
      ::close(descriptor_);  // the destructor does not run after a throw from here
    fail(problem);
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
}

InputFile::~InputFile() { ::close(descriptor_); }

void InputFile::check_size() const {
  struct stat status = {};
  if (::fstat(descriptor_, &status) != 0) fail("cannot read: " + errno_text(errno));
  const auto now = static_cast<std::uint64_t>(status.st_size);
  if (now >= size_) return;
  fail_at(now, fmt::format("the file ends here: expected {} more", bytes_text(size_ - now)));
}

void InputFile::read_at(std::uint64_t offset, void* to, std::size_t n) const {
  auto* next = static_cast<char*>(to);
  while (n > 0) {
    const ssize_t got =
        ::pread(descriptor_, next, std::min<std::size_t>(n, 1 << 30), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail_at(offset, "cannot read: " + errno_text(errno));
    if (got == 0) {
      fail_at(offset, fmt::format("the file ends here: expected {} more", bytes_text(n)));
    }
    next += got;
    offset += static_cast<std::uint64_t>(got);
    n -= static_cast<std::size_t>(got);
  }
}

std::string InputFile::head(std::size_t n) const {
  std::string bytes(static_cast<std::size_t>(std::min<std::uint64_t>(n, size_)), '\0');
  read_at(0, bytes.data(), bytes.size());
  return bytes;
}

void InputFile::fail(std::string_view what) const {
  throw FileError(fmt::format("{}: {}: {}", op_, printable(path_), what));
}

void InputFile::fail_at(std::uint64_t offset, std::string_view what) const {
  throw FileError(fmt::format("{}: {}: byte {}: {}", op_, printable(path_), offset, what));
}

std::string read_text(const std::string& path, std::string_view op, std::uint64_t limit) {
  InputFile file(path, op);
  if (file.size() > limit) {
    file.fail(fmt::format("too large: {}: expected at most {}", bytes_text(file.size()), limit));
  }
  return file.head(static_cast<std::size_t>(file.size()));
}

}  // namespace hourglass
