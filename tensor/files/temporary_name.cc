#include "tensor/files/temporary_name.h"

#include <fmt/core.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

namespace hourglass::internal {
namespace {

struct Parts {
  std::string_view folder;  // with its slash, or empty
  std::string_view name;    // cut, so that what is added still fits a file system's 255 bytes
};

Parts split(std::string_view target) {
  const std::size_t slash = target.rfind('/');
  const std::size_t name = slash == std::string_view::npos ? 0 : slash + 1;
  return {target.substr(0, name), target.substr(name, 200)};
}

std::string unique_suffix() {
  static std::atomic<unsigned> count = 0;
  return fmt::format("{}-{}", ::getpid(), ++count);
}

}  // namespace

std::string temporary_name(const std::string& target) {
  const Parts parts = split(target);
  return fmt::format("{}.{}.{}.tmp", parts.folder, parts.name, unique_suffix());
}

}  // namespace hourglass::internal
