#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct z_stream_s;

namespace hourglass {

// Whether a file's bytes are on the disk ahead of its name: kDurable, where a loss of power is to
// leave either the old file or the new one, whole.
enum class Durability : std::uint8_t { kFast, kDurable };

// Where a writer puts its bytes, in order.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  virtual void write(const void* data, std::size_t n) = 0;
  void write(std::string_view text) { write(text.data(), text.size()); }
};

// Compresses what it is given into another sink, as a gzip file without a name or a time, so that
// equal data give equal bytes. finish() writes the end; without it the data are incomplete.
class GzipSink : public ByteSink {
 public:
  explicit GzipSink(ByteSink& to);
  ~GzipSink() override;
  GzipSink(const GzipSink&) = delete;
  GzipSink& operator=(const GzipSink&) = delete;

  using ByteSink::write;
  void write(const void* data, std::size_t n) override;
  void finish();

 private:
  struct Close {
    void operator()(z_stream_s* stream) const;
  };
  void deflate_all(int flush);

  ByteSink& to_;
  std::unique_ptr<z_stream_s, Close> deflate_;
};

}  // namespace hourglass
