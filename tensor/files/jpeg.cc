#include "tensor/files/jpeg.h"

#include <fmt/core.h>

#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

#include <jpeglib.h>

#include <jerror.h>

#include "tensor/error.h"
#include "tensor/files/input_file.h"
#include "tensor/files/written_image.h"
#include "tensor/memory.h"

// libjpeg reports errors by a function that must not return: it jumps, which runs no destructors.
// So a function that calls setjmp holds plain values only, as in png.cc.

namespace hourglass {

using namespace internal;

namespace {

struct JpegErrors : jpeg_error_mgr {
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
};

void fail_jpeg(j_common_ptr jpeg) {
  auto* errors = static_cast<JpegErrors*>(jpeg->err);
  errors->format_message(jpeg, errors->message);
  std::longjmp(errors->jump, 1);
}

// A warning says that data are missing or damaged, but for stray bytes between parts.
void weigh_message(j_common_ptr jpeg, int level) {
  if (level < 0 && jpeg->err->msg_code != JWRN_EXTRANEOUS_DATA) fail_jpeg(jpeg);
}

void print_nothing(j_common_ptr) {}

struct JpegReader {
  JpegReader() {
    info.err = jpeg_std_error(&errors);
    errors.error_exit = fail_jpeg;
    errors.emit_message = weigh_message;
    errors.output_message = print_nothing;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  JpegErrors errors;
  jpeg_decompress_struct info = {};
};

bool read_jpeg_header(JpegReader& r, const unsigned char* bytes, unsigned long size) {
  if (setjmp(r.errors.jump) != 0) return false;
  jpeg_create_decompress(&r.info);
  jpeg_mem_src(&r.info, bytes, size);
  jpeg_read_header(&r.info, TRUE);
  const J_COLOR_SPACE stored = r.info.jpeg_color_space;
  r.info.out_color_space = stored == JCS_GRAYSCALE                    ? JCS_GRAYSCALE
                           : stored == JCS_CMYK || stored == JCS_YCCK ? JCS_CMYK
                                                                      : JCS_RGB;
  r.info.dct_method = JDCT_ISLOW;
  jpeg_calc_output_dimensions(&r.info);
  return true;
}

bool read_jpeg_pixels(JpegReader& r, std::uint8_t* pixels) {
  if (setjmp(r.errors.jump) != 0) return false;
  jpeg_start_decompress(&r.info);
  const std::size_t row =
      std::size_t{r.info.output_width} * static_cast<std::size_t>(r.info.output_components);
  while (r.info.output_scanline < r.info.output_height) {
    JSAMPROW line = pixels + r.info.output_scanline * row;
    jpeg_read_scanlines(&r.info, &line, 1);
  }
  jpeg_finish_decompress(&r.info);
  return true;
}

// Each block of 8 by 8 samples has its own code, of a bit or more, whatever the scans: so many
// bytes confirm so many blocks. Arithmetic codes have no such end: libjpeg would take memory for
// what a header says.
void check_blocks(const InputFile& file, const jpeg_decompress_struct& info) {
  if (info.arith_code != 0) file.fail("its arithmetic coding is not read, only Huffman's");
  std::uint64_t blocks = 0;
  for (int c = 0; c < info.num_components; ++c) {
    const jpeg_component_info& part = info.comp_info[c];
    blocks += std::uint64_t{part.width_in_blocks} * part.height_in_blocks;
  }
  if (blocks / 8 > file.size()) {
    file.fail(fmt::format("{} bytes cannot hold {} by {} pixels", file.size(), info.image_height,
                          info.image_width));
  }
}

// Adobe's programs, which alone write CMYK, store it inverted.
Tensor from_cmyk(const Tensor& pixels, bool inverted) {
  const Shape& shape = pixels.shape();
  Tensor result = Tensor::uninitialized({shape[0], shape[1], 3}, DType::kU8);
  const auto* from = pixels.data<std::uint8_t>();
  auto* to = result.data<std::uint8_t>();
  for (std::int64_t i = 0; i < shape.product(0, 2); ++i, from += 4) {
    const int black = inverted ? from[3] : 255 - from[3];
    for (int c = 0; c < 3; ++c) {
      const int light = inverted ? from[c] : 255 - from[c];
      *to++ = static_cast<std::uint8_t>((light * black + 127) / 255);
    }
  }
  return result;
}

struct JpegWriter {
  JpegWriter() {
    info.err = jpeg_std_error(&errors);
    errors.error_exit = fail_jpeg;
    errors.output_message = print_nothing;
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&info);
    std::free(bytes);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  JpegErrors errors;
  jpeg_compress_struct info = {};
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
};

bool write_jpeg_image(JpegWriter& w, const std::uint8_t* pixels, JDIMENSION width,
                      JDIMENSION height, int channels, int quality) {
  if (setjmp(w.errors.jump) != 0) return false;
  jpeg_create_compress(&w.info);
  jpeg_mem_dest(&w.info, &w.bytes, &w.size);
  w.info.image_width = width;
  w.info.image_height = height;
  w.info.input_components = channels;
  w.info.in_color_space = channels == 3 ? JCS_RGB : JCS_GRAYSCALE;
  jpeg_set_defaults(&w.info);
  jpeg_set_quality(&w.info, quality, TRUE);
  w.info.optimize_coding = TRUE;
  jpeg_start_compress(&w.info, TRUE);
  const std::size_t row = std::size_t{width} * static_cast<std::size_t>(channels);
  while (w.info.next_scanline < height) {
    auto* line = const_cast<JSAMPLE*>(pixels + w.info.next_scanline * row);
    jpeg_write_scanlines(&w.info, &line, 1);
  }
  jpeg_finish_compress(&w.info);
  return true;
}

void check_jpeg_image(const Tensor& image, int quality) {
  check_written_image("jpeg_bytes", image, JPEG_MAX_DIMENSION, std::to_string(JPEG_MAX_DIMENSION));
  if (quality < 1 || quality > 100) {
    throw Error(fmt::format("jpeg_bytes: quality: expected 1 to 100: got {}", quality));
  }
}

}  // namespace

std::string jpeg_bytes(const Tensor& image, int quality) {
  check_jpeg_image(image, quality);
  const Shape& shape = image.shape();
  JpegWriter writer;
  const bool good =
      write_jpeg_image(writer, image.data<std::uint8_t>(), static_cast<JDIMENSION>(shape[1]),
                       static_cast<JDIMENSION>(shape[0]), shape.rank() == 3 ? 3 : 1, quality);
  if (!good) throw Error(fmt::format("jpeg_bytes: {}", printable(writer.errors.message)));
  return {reinterpret_cast<const char*>(writer.bytes), writer.size};
}

Tensor read_jpeg(const std::string& path) {
  const InputFile file(path, "read_jpeg");
  if (file.head(3) != "\xff\xd8\xff") {
    file.fail_at(0, "not a JPEG image: found " + looks_like(file.head(64)));
  }
  check_memory("read_jpeg", path, file.size());
  const std::string bytes = file.head(file.size());
  JpegReader reader;
  const auto check = [&](bool good) {
    if (!good) file.fail(printable(reader.errors.message));
  };
  check(read_jpeg_header(reader, reinterpret_cast<const unsigned char*>(bytes.data()),
                         static_cast<unsigned long>(bytes.size())));
  const jpeg_decompress_struct& info = reader.info;
  check_blocks(file, info);
  const Shape shape{info.output_height, info.output_width, info.output_components};
  check_memory("read_jpeg", path, static_cast<std::size_t>(shape.elements()));
  Tensor pixels = Tensor::uninitialized(shape, DType::kU8);
  check(read_jpeg_pixels(reader, pixels.data<std::uint8_t>()));
  if (shape[2] == 4) return from_cmyk(pixels, info.saw_Adobe_marker != 0);
  return shape[2] == 1 ? pixels.reshape(shape.without_axis(2)) : pixels;
}

}  // namespace hourglass
