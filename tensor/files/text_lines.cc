#include "tensor/files/text_lines.h"

#include <fmt/core.h>

#include <algorithm>

namespace hourglass::internal {
namespace {

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kMostBytes = std::size_t{16} << 20;  // of a line

}  // namespace

bool TextLines::fill() {
  buffer_.resize(kBlockBytes);
  buffer_.resize(stream_.read_some(buffer_.data(), kBlockBytes));
  at_ = number_ == 0 && buffer_.starts_with("\xef\xbb\xbf") ? 3 : 0;
  return at_ < buffer_.size();
}

bool TextLines::next(std::string& line) {
  line.clear();
  if (at_ == buffer_.size() && !fill()) return false;
  ++number_;
  for (;;) {
    const std::size_t end = std::min(buffer_.find('\n', at_), buffer_.size());
    line.append(buffer_, at_, end - at_);
    if (line.size() > kMostBytes) fail("a line of more than 16 MiB");
    at_ = std::min(end + 1, buffer_.size());
    if (end < buffer_.size()) break;
    if (!fill()) break;
  }
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

void TextLines::fail(const std::string& what) const {
  stream_.file().fail(fmt::format("line {}: {}", number_, what));
}

}  // namespace hourglass::internal
