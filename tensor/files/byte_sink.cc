#include "tensor/files/byte_sink.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <new>

namespace hourglass {

GzipSink::GzipSink(ByteSink& to) : to_(to) {
  auto stream = std::make_unique<z_stream>();
  *stream = {};
  constexpr int kGzipWindow = 15 + 16;
  constexpr int kMemoryLevel = 8;
  if (deflateInit2(stream.get(), Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::bad_alloc();
  }
  deflate_.reset(stream.release());
}

GzipSink::~GzipSink() = default;

void GzipSink::Close::operator()(z_stream_s* stream) const {
  deflateEnd(stream);
  delete stream;
}

void GzipSink::write(const void* data, std::size_t n) {
  constexpr std::size_t kStep = std::size_t{1} << 30;  // zlib counts in 32 bits
  const auto* bytes = static_cast<const Bytef*>(data);
  while (n > 0) {
    const std::size_t step = std::min(n, kStep);
    deflate_->next_in = const_cast<Bytef*>(bytes);  // zlib reads it only
    deflate_->avail_in = static_cast<uInt>(step);
    deflate_all(Z_NO_FLUSH);
    bytes += step;
    n -= step;
  }
}

void GzipSink::finish() { deflate_all(Z_FINISH); }

// zlib is done with its input, and with its end when asked to finish, once it leaves room in the
// buffer.
void GzipSink::deflate_all(int flush) {
  std::array<Bytef, 16384> buffer;
  do {
    deflate_->next_out = buffer.data();
    deflate_->avail_out = static_cast<uInt>(buffer.size());
    deflate(deflate_.get(), flush);
    to_.write(buffer.data(), buffer.size() - deflate_->avail_out);
  } while (deflate_->avail_out == 0);
}

}  // namespace hourglass
