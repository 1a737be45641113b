#include "tensor/files/byte_stream.h"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <new>
#include <utility>

namespace hourglass {
namespace {

constexpr std::size_t kBufferBytes = std::size_t{64} << 10;
// A deflate match of 258 bytes takes at least two bits, so no stream grows by more than this.
constexpr std::uint64_t kDeflateRatio = 1032;

Coding coding_of(const InputFile& file) {
  return file.head(2) == "\x1f\x8b" ? Coding::kGzip : Coding::kPlain;
}

}  // namespace

ByteStream::ByteStream(const InputFile& file) : ByteStream(file, 0, file.size(), coding_of(file)) {}

ByteStream::ByteStream(const InputFile& file, std::uint64_t first, std::uint64_t last,
                       Coding coding, std::string part)
    : file_(file),
      part_(std::move(part)),
      coding_(coding),
      next_(first),
      last_(last),
      offset_(coding == Coding::kPlain ? first : 0),
      packed_size_(last - first) {
  if (coding_ != Coding::kPlain) open_inflate();
}

ByteStream::~ByteStream() = default;

void ByteStream::Close::operator()(z_stream_s* stream) const {
  inflateEnd(stream);
  delete stream;
}

void ByteStream::open_inflate() {
  auto stream = std::make_unique<z_stream>();
  *stream = {};
  // Window bits of 15, plus 16 for a gzip header, negative for none.
  const int window = coding_ == Coding::kGzip ? 15 + 16 : -15;
  if (inflateInit2(stream.get(), window) != Z_OK) throw std::bad_alloc();
  inflate_.reset(stream.release());
  buffer_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, packed_size_)));
}

std::uint64_t ByteStream::at_most() const {
  if (coding_ == Coding::kPlain) return last_ - next_;
  if (ended_) return 0;
  const std::uint64_t bytes = packed_size_ + 1;
  const std::uint64_t total =
      bytes > UINT64_MAX / kDeflateRatio ? UINT64_MAX : bytes * kDeflateRatio;
  return total - std::min(total, offset_);
}

std::size_t ByteStream::read_some(void* to, std::size_t n) {
  std::size_t got = 0;
  if (coding_ == Coding::kPlain) {
    got = static_cast<std::size_t>(std::min<std::uint64_t>(n, last_ - next_));
    file_.read_at(next_, to, got);
    next_ += got;
  } else {
    got = inflate_some(to, n);
  }
  offset_ += got;
  if (tracks_crc_) {
    crc_ = static_cast<std::uint32_t>(crc32_z(crc_, static_cast<const Bytef*>(to), got));
  }
  return got;
}

void ByteStream::read(void* to, std::size_t n, std::string_view what) {
  const std::uint64_t start = offset_;
  const std::size_t got = read_some(to, n);
  if (got < n) {
    fail_at(start, fmt::format("the data break off: expected {} of {}, found {}", bytes_text(n),
                               what, got));
  }
}

void ByteStream::expect_end(std::string_view what) {
  const std::uint64_t start = offset_;
  if (exact()) {
    if (at_most() > 0) {
      fail_at(start, fmt::format("{} too many after {}", bytes_text(at_most()), what));
    }
    return;
  }
  char extra = 0;
  if (read_some(&extra, 1) > 0) {
    fail_at(start, fmt::format("more data than expected after {}", what));
  }
}

void ByteStream::refill() {
  const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(buffer_.size(), last_ - next_));
  file_.read_at(next_, buffer_.data(), n);
  next_ += n;
  inflate_->next_in = buffer_.data();
  inflate_->avail_in = static_cast<uInt>(n);
}

std::size_t ByteStream::inflate_some(void* to, std::size_t n) {
  auto* out = static_cast<Bytef*>(to);
  std::size_t got = 0;
  while (got < n && !ended_) {
    if (inflate_->avail_in == 0) refill();
    const auto room = static_cast<uInt>(std::min<std::size_t>(n - got, 1U << 30));
    inflate_->next_out = out + got;
    inflate_->avail_out = room;
    const int status = inflate(inflate_.get(), Z_NO_FLUSH);
    got += room - inflate_->avail_out;
    if (status == Z_STREAM_END) {
      end_of_member();
    } else if (status == Z_BUF_ERROR) {
      fail_compressed("the compressed data break off");
    } else if (status == Z_MEM_ERROR) {
      throw std::bad_alloc();
    } else if (status != Z_OK) {
      const char* why = inflate_->msg != nullptr ? inflate_->msg : "a preset dictionary";
      fail_compressed(fmt::format("the compressed data are corrupt: {}", why));
    }
  }
  return got;
}

// Whether the last bytes are all 0.
bool ByteStream::only_zeros(std::uint64_t count) const {
  std::vector<char> block;
  for (std::uint64_t at = last_ - count; at < last_; at += block.size()) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBufferBytes, last_ - at)));
    file_.read_at(at, block.data(), block.size());
    if (std::any_of(block.begin(), block.end(), [](char c) { return c != 0; })) return false;
  }
  return true;
}

// A gzip file may be several, one after the other; zeros behind them fill up a block of a tape.
void ByteStream::end_of_member() {
  const std::uint64_t left = last_ - next_ + inflate_->avail_in;
  if (left == 0) {
    ended_ = true;
    return;
  }
  // The next two bytes may lie on both sides of the end of the buffer: look at them in the file.
  char magic[2] = {};
  if (coding_ == Coding::kGzip && left >= 2) file_.read_at(last_ - left, magic, 2);
  if (coding_ == Coding::kGzip && only_zeros(left)) {
    ended_ = true;
    return;
  }
  if (std::string_view(magic, 2) != "\x1f\x8b") {
    fail_compressed(fmt::format("{} too many after the compressed data", bytes_text(left)));
  }
  if (inflateReset(inflate_.get()) != Z_OK) throw std::bad_alloc();
}

void ByteStream::fail_compressed(std::string_view what) const {
  const std::uint64_t at = next_ - inflate_->avail_in;
  file_.fail_at(at, part_.empty() ? std::string(what) : fmt::format("{}: {}", part_, what));
}

void ByteStream::fail_at(std::uint64_t offset, std::string_view what) const {
  const std::string part = part_.empty() ? "" : part_ + ": ";
  if (exact()) file_.fail_at(offset, part + std::string(what));
  file_.fail(fmt::format("{}byte {} of the decompressed data: {}", part, offset, what));
}

}  // namespace hourglass
