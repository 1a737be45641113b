#include "tensor/files/png.h"

#include <fmt/core.h>
#include <png.h>

#include <csetjmp>
#include <cstdio>
#include <exception>
#include <utility>

#include "tensor/error.h"
#include "tensor/files/atomic_file.h"
#include "tensor/files/byte_stream.h"
#include "tensor/files/input_file.h"
#include "tensor/files/written_image.h"

// libpng reports errors by longjmp, which runs no destructors. So: each function that calls setjmp
// holds plain values only; what needs a destructor lives in the caller; callbacks let no exception
// pass into libpng but leave it in the state, and jump once their own try block is closed.

namespace hourglass {

using namespace internal;

namespace {

struct State {
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[200] = "out of memory";
  std::exception_ptr exception;  // thrown by a callback
};

void keep_error(png_structp png, png_const_charp message) {
  auto* state = static_cast<State*>(png_get_error_ptr(png));
  std::snprintf(state->message, sizeof(state->message), "%s", message);
  png_longjmp(png, 1);
}

void ignore_warning(png_structp, png_const_charp) {}

// Puts the blame where it belongs: an exception of a callback goes on, libpng's own text is the
// file's.
template <class F>
void check(bool good, const State& state, F&& fail) {
  if (good) return;
  if (state.exception) std::rethrow_exception(state.exception);
  fail(printable(state.message));
}

// --- reading
// ---------------------------------------------------------------------------------------

struct Reader : State {
  explicit Reader(ByteStream& from) : stream(from) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, static_cast<State*>(this), keep_error,
                                 ignore_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) {
      png_destroy_read_struct(&png, nullptr, nullptr);
      throw Error("read_png: out of memory");
    }
  }
  ~Reader() { png_destroy_read_struct(&png, &info, nullptr); }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  ByteStream& stream;
  png_uint_32 width = 0, height = 0;
  int bits = 0;       // a pixel, as stored
  int depth = 0;      // of them, of a channel
  int channels = 0;   // as read: grey or RGB, and alpha
  bool wide = false;  // two bytes a channel, the higher one first; else one
  int passes = 1;
};

void read_bytes(png_structp png, png_bytep to, std::size_t n) {
  auto* reader = static_cast<Reader*>(png_get_io_ptr(png));
  try {
    reader->stream.read(to, n, "the image");
  } catch (...) {
    reader->exception = std::current_exception();
  }
  if (reader->exception) png_error(png, "read");
}

// Everything before the pixels.
bool read_info(Reader& r) {
  if (setjmp(png_jmpbuf(r.png)) != 0) return false;
  png_set_read_fn(r.png, &r, read_bytes);
  png_set_user_limits(r.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // check_size is the limit
  // What is neither palette, transparency nor pixels is passed over: texts and profiles may claim any
  // size, and are allocated before they are read.
  png_set_keep_unknown_chunks(r.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(r.png, r.info);
  r.width = png_get_image_width(r.png, r.info);
  r.height = png_get_image_height(r.png, r.info);
  r.depth = png_get_bit_depth(r.png, r.info);
  r.bits = r.depth * png_get_channels(r.png, r.info);
  return true;
}

// How the pixels are to be delivered: 8 or 16 bits a channel, no palette. libpng allocates its rows
// here.
bool start_pixels(Reader& r) {
  if (setjmp(png_jmpbuf(r.png)) != 0) return false;
  if (!r.wide) png_set_scale_16(r.png);
  png_set_expand(r.png);  // palette to RGB, 1, 2 and 4 bits to 8, a transparent colour to alpha
  r.passes = png_set_interlace_handling(r.png);
  png_read_update_info(r.png, r.info);
  r.channels = png_get_channels(r.png, r.info);
  return true;
}

// Interlaced images come in seven passes over the same rows.
bool read_pixels(Reader& r, std::uint8_t* pixels) {
  if (setjmp(png_jmpbuf(r.png)) != 0) return false;
  const std::size_t row =
      std::size_t{r.width} * static_cast<std::size_t>(r.channels) * (r.wide ? 2 : 1);
  for (int pass = 0; pass < r.passes; ++pass) {
    for (std::size_t y = 0; y < r.height; ++y) png_read_row(r.png, pixels + y * row, nullptr);
  }
  png_read_end(r.png, nullptr);
  return true;
}

// Refuses an image that the file is too small for, before memory is asked for: deflate shrinks data
// by a factor of 1032 at most.
void check_size(const Reader& r) {
  const std::uint64_t pixels = std::uint64_t{r.width} * r.height;  // below 2^62
  const std::uint64_t packed = pixels / 8 / 1032 * static_cast<std::uint64_t>(r.bits);
  if (packed > r.stream.file().size()) {
    r.stream.fail_at(16, fmt::format("an image of {} x {} pixels does not fit a file of {} bytes",
                                     r.width, r.height, r.stream.file().size()));
  }
}

// Two bytes a number as one in [0, 1].
Tensor from_wide(const Tensor& bytes, const Shape& shape) {
  Tensor pixels = Tensor::uninitialized(shape, DType::kF32);
  const auto* from = bytes.data<std::uint8_t>();
  auto* to = pixels.data<float>();
  for (std::int64_t i = 0; i < pixels.elements(); ++i, from += 2) {
    to[i] = static_cast<float>(from[0] << 8 | from[1]) / 65535.0F;
  }
  return pixels;
}

std::uint8_t blended(std::uint8_t level, std::uint8_t alpha, std::uint8_t behind) {
  return static_cast<std::uint8_t>((level * alpha + behind * (255 - alpha) + 127) / 255);
}
float blended(float level, float alpha, std::uint8_t behind) {
  return level * alpha + static_cast<float>(behind) / 255.0F * (1 - alpha);
}

// Lays pixels with alpha, the last of their channels, over the background.
Tensor over(const Tensor& pixels, const std::array<std::uint8_t, 3>& background) {
  const Shape& shape = pixels.shape();
  const std::int64_t n = shape.product(0, 2), channels = shape[2];
  const bool grey =
      channels == 2 && background[0] == background[1] && background[0] == background[2];
  const std::size_t colours = grey ? 1 : 3;
  Tensor result = Tensor::uninitialized({shape[0], shape[1], grey ? 1 : 3}, pixels.dtype());
  const auto lay = [&](auto zero) {
    const auto* from = pixels.data<decltype(zero)>();
    auto* to = result.data<decltype(zero)>();
    for (std::int64_t i = 0; i < n; ++i, from += channels) {
      for (std::size_t c = 0; c < colours; ++c) {
        *to++ = blended(from[channels == 2 ? 0 : c], from[channels - 1], background[c]);
      }
    }
  };
  if (pixels.dtype() == DType::kU8) {
    lay(std::uint8_t{});
  } else {
    lay(float{});
  }
  return result;
}

// --- writing
// ---------------------------------------------------------------------------------------

struct Writer : State {
  explicit Writer(ByteSink& to) : sink(to) {
    png = png_create_write_struct(PNG_LIBPNG_VER_STRING, static_cast<State*>(this), keep_error,
                                  ignore_warning);
    if (png != nullptr) info = png_create_info_struct(png);
    if (info == nullptr) {
      png_destroy_write_struct(&png, nullptr);
      throw Error("write_png: out of memory");
    }
  }
  ~Writer() { png_destroy_write_struct(&png, &info); }
  Writer(const Writer&) = delete;
  Writer& operator=(const Writer&) = delete;

  ByteSink& sink;
};

void write_bytes(png_structp png, png_bytep data, std::size_t n) {
  auto* writer = static_cast<Writer*>(png_get_io_ptr(png));
  try {
    writer->sink.write(data, n);
  } catch (...) {
    writer->exception = std::current_exception();
  }
  if (writer->exception) png_error(png, "write");
}

void flush_nothing(png_structp) {}

// The compression is set, not left to libpng's defaults, so that the bytes follow from the image.
bool write_image(Writer& w, const std::uint8_t* pixels, png_uint_32 width, png_uint_32 height,
                 int channels) {
  if (setjmp(png_jmpbuf(w.png)) != 0) return false;
  png_set_write_fn(w.png, &w, write_bytes, flush_nothing);
  png_set_user_limits(w.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
  png_set_IHDR(w.png, w.info, width, height, 8,
               channels == 3 ? PNG_COLOR_TYPE_RGB : PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE,
               PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
  png_set_compression_level(w.png, 6);
  png_set_filter(w.png, PNG_FILTER_TYPE_BASE, PNG_ALL_FILTERS);
  png_write_info(w.png, w.info);
  const std::size_t row = std::size_t{width} * static_cast<std::size_t>(channels);
  for (std::size_t y = 0; y < height; ++y) png_write_row(w.png, pixels + y * row);
  png_write_end(w.png, nullptr);
  return true;
}

struct StringSink : ByteSink {
  std::string bytes;
  void write(const void* data, std::size_t n) override {
    bytes.append(static_cast<const char*>(data), n);
  }
};

template <class F>
void write_to(ByteSink& sink, const Tensor& image, F&& fail) {
  Writer writer(sink);
  const bool good =
      write_image(writer, image.data<std::uint8_t>(), static_cast<png_uint_32>(image.shape()[1]),
                  static_cast<png_uint_32>(image.shape()[0]), image.shape().rank() == 3 ? 3 : 1);
  check(good, writer, fail);
}

void check_png_image(const Tensor& image) {
  check_written_image("write_png", image, PNG_UINT_31_MAX, "2^31 - 1");
}

}  // namespace

Tensor read_png(const std::string& path, const PngOptions& options) {
  const InputFile file(path, "read_png");
  const std::string magic = file.head(8);
  if (magic != "\x89PNG\r\n\x1a\n") {
    file.fail_at(0, "not a PNG image: found " + looks_like(file.head(64)));
  }
  ByteStream stream(file, 0, file.size(), Coding::kPlain);
  Reader reader(stream);
  const auto fail = [&](const std::string& what) { stream.fail_at(stream.offset(), what); };
  check(read_info(reader), reader, fail);
  check_size(reader);
  reader.wide = options.wide && reader.depth == 16;
  check(start_pixels(reader), reader, fail);
  const Shape shape{reader.height, reader.width, reader.channels};
  Tensor pixels = Tensor::uninitialized(shape.with_axis(3, reader.wide ? 2 : 1), DType::kU8);
  check(read_pixels(reader, pixels.data<std::uint8_t>()), reader, fail);
  pixels = reader.wide ? from_wide(pixels, shape) : pixels.reshape(shape);
  if (reader.channels % 2 == 0) pixels = over(pixels, options.background);
  return pixels.shape()[2] == 1 ? pixels.reshape(pixels.shape().without_axis(2)) : pixels;
}

void write_png(const std::string& path, const Tensor& image) {
  check_png_image(image);
  AtomicFile file(path, "write_png");
  write_to(file, image, [&](const std::string& what) { file.fail(what); });
  file.commit();
}

std::string png_bytes(const Tensor& image) {
  check_png_image(image);
  StringSink sink;
  write_to(sink, image, [](const std::string& what) { throw Error("png_bytes: " + what); });
  return sink.bytes;
}

}  // namespace hourglass
