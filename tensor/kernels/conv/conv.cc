#include <algorithm>
#include <type_traits>

#include "tensor/kernels.h"
#include "tensor/kernels/conv/conv_forward.h"
#include "tensor/kernels/conv/conv_input_gradient.h"
#include "tensor/kernels/conv/conv_lanes.h"
#include "tensor/kernels/conv/conv_patches.h"
#include "tensor/kernels/conv/conv_weight_gradient.h"
#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/gemm/blocking.h"
#include "tensor/kernels/gemm/product.h"
#include "tensor/kernels/scratch.h"
#include "tensor/parallel.h"

namespace hourglass::kernels {
namespace {

using internal::divide_up;
using internal::kLaneImages;
using internal::multiply;
using internal::PatchPlanes;
using internal::PatchTile;
using internal::place_outputs;
using internal::Product;
using internal::Scratch;
using internal::TapPanels;

constexpr std::int64_t kPatchBytes = 512 * 1024;  // of patches at a time: a part of the L2
constexpr std::int64_t kManyPositions = 128;  // whose product is large enough for an image alone
constexpr std::int64_t kTiles = 8;            // wanted, to keep threads busy
constexpr std::int64_t kSmallProduct = 1'000'000;  // multiply-adds: below OpenBLAS is faster
constexpr std::int64_t kTaskWork = 1 << 18;   // multiply-adds that are worth handing to a thread
constexpr std::int64_t kSums = 8;             // partial weight gradients at most
constexpr std::int64_t kSumsBytes = 2 << 20;  // of them at a time
constexpr std::int64_t kFewMaps = 4;          // channels of a group that leave tiles too low
constexpr std::int64_t kFewOutputs = 12;      // that leave vectors of them too empty

std::int64_t input_numbers(const Conv2d& c) { return c.in_channels * c.in_h * c.in_w; }
std::int64_t output_numbers(const Conv2d& c) { return c.out_channels * c.out_h * c.out_w; }

// How a convolution is cut, by its sizes alone. A tile is some whole images of few positions, or
// some rows of one image. `direct` means that an image's channels are its patches.
struct Cut {
  std::int64_t taps, outputs,
      channels;               // rows of the patches, of the products; input channels (a group)
  std::int64_t images, rows;  // a tile
  std::int64_t image_tiles, row_tiles;
  bool direct;
  bool portable = portable_bits();  // of the thread that asked, for those that compute

  Cut(const Conv2d& c, std::int64_t element_bytes);
  std::int64_t positions(const Conv2d& c) const { return images * rows * c.out_w; }  // of a tile
  std::int64_t tiles() const { return image_tiles * row_tiles; }
  std::int64_t sums() const { return std::min(tiles(), kSums); }  // of weight gradients
  std::int64_t first(std::int64_t sum) const { return tiles() * sum / sums(); }  // its first tile
  std::int64_t together(const Conv2d& c) const {  // tiles that make one task
    return std::max<std::int64_t>(
        1, kTaskWork / std::max<std::int64_t>(1, taps * outputs * positions(c)));
  }
  PatchTile tile(const Conv2d& c, std::int64_t index, std::int64_t group) const {
    const std::int64_t image = index / row_tiles * images, row = index % row_tiles * rows;
    return {.image = image,
            .images = std::min(images, c.batch - image),
            .row = row,
            .rows = std::min(rows, c.out_h - row),
            .channel = group * channels,
            .channels = channels};
  }
};

Cut::Cut(const Conv2d& c, std::int64_t element_bytes)
    : taps(c.in_channels / c.groups * c.kernel_h * c.kernel_w),
      outputs(c.out_channels / c.groups),
      channels(c.in_channels / c.groups),
      direct(c.kernel_h == 1 && c.kernel_w == 1 && c.stride_h == 1 && c.stride_w == 1 &&
             c.pad_top == 0 && c.pad_left == 0 && c.in_h == c.out_h && c.in_w == c.out_w) {
  const std::int64_t row_bytes = std::max<std::int64_t>(1, taps * c.out_w * element_bytes);
  const std::int64_t fitting_rows = std::max<std::int64_t>(1, kPatchBytes / row_bytes);
  row_tiles = direct ? 1 : divide_up(c.out_h, fitting_rows);
  rows = divide_up(c.out_h, row_tiles);
  images = 1;
  if (!direct && row_tiles == 1 && c.out_h * c.out_w < kManyPositions) {
    images = std::clamp<std::int64_t>(fitting_rows / c.out_h, 1, divide_up(c.batch, kTiles));
  }
  const std::int64_t small =
      kSmallProduct / std::max<std::int64_t>(1, taps * outputs * c.out_h * c.out_w);
  if (small * c.out_h * c.out_w >= kManyPositions) images = std::min(images, small);
  image_tiles = divide_up(c.batch, images);
}

// The buffers of one thread: patches, the planes they are made of, and the outputs of several
// images side by side.
template <class T>
struct Buffers {
  T* patches;
  T* planes;
  T* outputs;
  std::int64_t pitch;

  Buffers(const Conv2d& c, const Cut& cut) {
    const PatchPlanes space(c, 0, cut.rows);
    const std::int64_t positions = cut.positions(c);
    pitch = positions + space.slack;
    const std::int64_t patch_elements = cut.direct ? 0 : 2 * space.slack + cut.taps * pitch;
    const std::int64_t output_elements = cut.images > 1 ? cut.outputs * positions : 0;
    T* memory = internal::scratch<T>(
        Scratch::kPatches, patch_elements + space.elements + space.masks + output_elements);
    patches = memory + space.slack;
    planes = memory + patch_elements;
    outputs = planes + space.elements + space.masks;
  }
};

std::int64_t y_offset(const Conv2d& c, const Cut& cut, const PatchTile& tile, std::int64_t group) {
  return ((tile.image * c.out_channels + group * cut.outputs) * c.out_h + tile.row) * c.out_w;
}

// A tile's outputs as one matrix, which several images' are copied into.
template <class T>
const T* collect_outputs(const Conv2d& c, const Cut& cut, const PatchTile& tile, std::int64_t group,
                         const T* y, T* side_by_side) {
  const std::int64_t positions = c.out_h * c.out_w;
  const T* const from = y + y_offset(c, cut, tile, group);
  if (tile.images == 1) return from;
  for (std::int64_t image = 0; image < tile.images; ++image) {
    for (std::int64_t o = 0; o < cut.outputs; ++o) {
      std::copy_n(from + (image * c.out_channels + o) * positions, positions,
                  side_by_side + (o * tile.images + image) * positions);
    }
  }
  return side_by_side;
}

std::int64_t x_offset(const Conv2d& c, const PatchTile& tile) {
  return (tile.image * c.in_channels + tile.channel) * c.in_h * c.in_w;
}

template <class T>
void forward_tile(const Conv2d& c, const Cut& cut, std::int64_t index, std::int64_t group,
                  const T* x, const T* w, T* y) {
  const Buffers<T> buffers(c, cut);
  PatchTile tile = cut.tile(c, index, group);
  tile.pitch = cut.direct ? c.in_h * c.in_w : buffers.pitch;
  if (!cut.direct) gather_patches(c, tile, x, buffers.planes, buffers.patches);
  const std::int64_t columns = tile.images * tile.rows * c.out_w;
  T* const out = y + y_offset(c, cut, tile, group);
  const bool aside = tile.images > 1;
  const Product product{.m = cut.outputs,
                        .n = columns,
                        .k = cut.taps,
                        .lda = cut.taps,
                        .ldb = tile.pitch,
                        .ldc = aside ? columns : c.out_h * c.out_w,
                        .portable = cut.portable};
  multiply(product, w + group * cut.outputs * cut.taps,
           cut.direct ? x + x_offset(c, tile) : buffers.patches, aside ? buffers.outputs : out);
  if (aside) place_outputs(c, tile, cut.outputs, buffers.outputs, out);
}

template <class T>
void forward_by_patches(const Conv2d& c, const Cut& cut, const T* x, const T* w, T* y) {
  internal::count_products(internal::multiply_adds(c));
  parallel_ranges(cut.tiles() * c.groups, cut.together(c),
                  [&](std::int64_t first, std::int64_t last) {
                    for (std::int64_t i = first; i < last; ++i)
                      forward_tile(c, cut, i / c.groups, i % c.groups, x, w, y);
                  });
}

// A slice of the channels of a tile: g's outputs times the slice's weights are patches, and these
// are added up where they overlap.
template <class T>
void input_gradient_tile(const Conv2d& c, const Cut& cut, PatchTile tile, std::int64_t group,
                         const T* g, const T* w, T* x) {
  const Buffers<T> buffers(c, cut);
  tile.pitch = cut.direct ? c.in_h * c.in_w : buffers.pitch;
  const std::int64_t columns = tile.images * tile.rows * c.out_w;
  const std::int64_t kernel = c.kernel_h * c.kernel_w;
  const T* const from = collect_outputs(c, cut, tile, group, g, buffers.outputs);
  const Product product{.m = tile.channels * kernel,
                        .n = columns,
                        .k = cut.outputs,
                        .transpose_a = true,
                        .lda = cut.taps,
                        .ldb = tile.images > 1 ? columns : c.out_h * c.out_w,
                        .ldc = tile.pitch,
                        .portable = cut.portable};
  const T* const weights =
      w + group * cut.outputs * cut.taps + (tile.channel - group * cut.channels) * kernel;
  multiply(product, weights, from, cut.direct ? x + x_offset(c, tile) : buffers.patches);
  if (!cut.direct) scatter_patches(c, tile, buffers.patches, tile.row > 0, buffers.planes, x);
}

template <class T>
void input_gradient_by_patches(const Conv2d& c, const Cut& cut, const T* g, const T* w, T* x) {
  internal::count_products(internal::multiply_adds(c));
  // With few images the input channels are dealt out as well.
  const std::int64_t items = cut.image_tiles * c.groups;
  const std::int64_t tasks = cut.taps * cut.outputs * c.out_h * c.out_w * cut.images / kTaskWork;
  const std::int64_t slices = std::clamp<std::int64_t>(std::min(divide_up(kTiles, items), tasks), 1,
                                                       std::max<std::int64_t>(1, cut.channels));
  const std::int64_t together = slices > 1 ? 1 : cut.together(c);
  parallel_ranges(items * slices, together, [&](std::int64_t first, std::int64_t last) {
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t slice = i % slices, group = i / slices % c.groups,
                         images = i / slices / c.groups;
      for (std::int64_t row = 0; row < cut.row_tiles; ++row) {
        PatchTile tile = cut.tile(c, images * cut.row_tiles + row, group);
        const std::int64_t begin = cut.channels * slice / slices,
                           end = cut.channels * (slice + 1) / slices;
        tile.channel += begin;
        tile.channels = end - begin;
        input_gradient_tile(c, cut, tile, group, g, w, x);
      }
    }
  });
}

template <class T>
void weight_gradient_tile(const Conv2d& c, const Cut& cut, std::int64_t index, std::int64_t group,
                          bool accumulate, const T* x, const T* g, T* w) {
  const Buffers<T> buffers(c, cut);
  PatchTile tile = cut.tile(c, index, group);
  tile.pitch = cut.direct ? c.in_h * c.in_w : buffers.pitch;
  if (!cut.direct) gather_patches(c, tile, x, buffers.planes, buffers.patches);
  const std::int64_t columns = tile.images * tile.rows * c.out_w;
  const T* const from = collect_outputs(c, cut, tile, group, g, buffers.outputs);
  const Product product{.m = cut.outputs,
                        .n = cut.taps,
                        .k = columns,
                        .transpose_b = true,
                        .lda = tile.images > 1 ? columns : c.out_h * c.out_w,
                        .ldb = tile.pitch,
                        .ldc = cut.taps,
                        .accumulate = accumulate,
                        .portable = cut.portable};
  multiply(product, from, cut.direct ? x + x_offset(c, tile) : buffers.patches, w);
}

// Each of a few runs of tiles has a sum of its own; one tree joins them.
template <class T>
void weight_gradient_by_patches(const Conv2d& c, const Cut& cut, const T* x, const T* g, T* w) {
  internal::count_products(internal::multiply_adds(c));
  const std::int64_t weights = c.out_channels * cut.taps, sums = cut.sums();
  T* const partial = sums == 1 ? w : internal::scratch<T>(Scratch::kProducts, sums * weights);
  parallel_for(sums * c.groups, [&](std::int64_t item) {
    const std::int64_t sum = item / c.groups, group = item % c.groups;
    T* const to = partial + sum * weights + group * cut.outputs * cut.taps;
    for (std::int64_t i = cut.first(sum); i < cut.first(sum + 1); ++i)
      weight_gradient_tile(c, cut, i, group, i > cut.first(sum), x, g, to);
  });
  if (sums > 1) reduce(Reduction::kSum, dtype_of<T>(), partial, w, 1, sums, weights);
}

// The same runs and the same tree for some panels of outputs. Tiles of whole images are one.
template <class T>
void add_panels(const Conv2d& c, const Cut& cut, const TapPanels& panels, const T* x, const T* g,
                T* w) {
  const std::int64_t elements = internal::tap_sums_elements(dtype_of<T>(), c, panels);
  T* const partial = internal::scratch<T>(Scratch::kProducts, cut.sums() * elements);
  parallel_for(cut.sums() * c.groups, [&](std::int64_t item) {
    const std::int64_t sum = item / c.groups, group = item % c.groups;
    const std::int64_t first = cut.first(sum), last = cut.first(sum + 1);
    T* const to = partial + sum * elements;
    PatchTile tile = cut.tile(c, first, group);
    if (cut.row_tiles == 1) {
      tile.images = std::min(c.batch, last * cut.images) - tile.image;
      return internal::add_tap_sums(c, tile, panels, group, false, x, g, to);
    }
    for (std::int64_t i = first; i < last; ++i)
      internal::add_tap_sums(c, cut.tile(c, i, group), panels, group, i > first, x, g, to);
  });
  internal::place_tap_sums(c, panels, cut.sums(), partial, w);
}

// So many panels at a time that sums stay in a cache, unless reading x again costs more.
template <class T>
void weight_gradient_by_taps(const Conv2d& c, const Cut& cut, const T* x, const T* g, T* w) {
  const TapPanels all = internal::tap_panels(dtype_of<T>(), c);
  const std::int64_t numbers = internal::tap_sums_elements(dtype_of<T>(), c, all) * cut.sums();
  const std::int64_t fitting =
      std::max(kSumsBytes / static_cast<std::int64_t>(sizeof(T)), c.batch * input_numbers(c));
  const std::int64_t parts = std::clamp<std::int64_t>(numbers / fitting, 1, all.last);
  for (std::int64_t i = 0; i < parts; ++i) {
    add_panels(c, cut, {all.last * i / parts, all.last * (i + 1) / parts}, x, g, w);
  }
}

// Who computes it follows from the sizes, so that every target with FMA takes the same way. How
// many of the images are lanes, for sums of k products: a block that they leave half empty is not
// worth its time.
std::int64_t images_by_lanes(const Conv2d& c, const Cut& cut, std::int64_t k) {
  if (cut.direct || k == 0 || k > internal::kLongSum || internal::tile_lanes() == 1) return 0;
  const std::int64_t rest = c.batch % kLaneImages;
  return 8 * rest >= 7 * kLaneImages ? c.batch : c.batch - rest;
}

bool is_by_taps(const Conv2d& c, const Cut& cut) {
  return !cut.direct && cut.channels >= kFewMaps && cut.outputs >= kFewOutputs &&
         cut.positions(c) <= internal::kLongSum && internal::tile_lanes() > 1;
}

Conv2d with_batch(Conv2d c, std::int64_t batch) {
  c.batch = batch;
  return c;
}

template <class T>
void forward(const Conv2d& c, const T* x, const T* w, T* y) {
  const Cut cut(c, sizeof(T));
  const std::int64_t lanes = images_by_lanes(c, cut, cut.taps);
  if (lanes > 0) internal::conv2d_by_lanes(with_batch(c, lanes), x, w, y);
  if (lanes == c.batch) return;
  const Conv2d rest = with_batch(c, c.batch - lanes);
  forward_by_patches(rest, Cut(rest, sizeof(T)), x + lanes * input_numbers(c), w,
                     y + lanes * output_numbers(c));
}

template <class T>
void input_gradient(const Conv2d& c, const T* g, const T* w, T* x) {
  const Cut cut(c, sizeof(T));
  const std::int64_t lanes = cut.channels < kFewMaps ? 0 : images_by_lanes(c, cut, cut.outputs);
  if (lanes > 0) internal::input_gradient_by_lanes(with_batch(c, lanes), cut.rows, g, w, x);
  if (lanes == c.batch) return;
  const Conv2d rest = with_batch(c, c.batch - lanes);
  input_gradient_by_patches(rest, Cut(rest, sizeof(T)), g + lanes * output_numbers(c), w,
                            x + lanes * input_numbers(c));
}

template <class T>
void weight_gradient(const Conv2d& c, const T* x, const T* g, T* w) {
  const Cut cut(c, sizeof(T));
  is_by_taps(c, cut) ? weight_gradient_by_taps(c, cut, x, g, w)
                     : weight_gradient_by_patches(c, cut, x, g, w);
}

}  // namespace

bool is_dense(const Conv2d& c) {
  return c.groups == 1 && c.out_h == 1 && c.out_w == 1 && c.kernel_h == c.in_h &&
         c.kernel_w == c.in_w && c.pad_top == 0 && c.pad_left == 0 && c.dilation_h == 1 &&
         c.dilation_w == 1;
}

void conv2d(DType dtype, const Conv2d& conv, const void* x, const void* w, void* y) {
  if (is_dense(conv)) {
    return gemm(
        dtype,
        {.m = conv.batch, .n = conv.out_channels, .k = input_numbers(conv), .transpose_b = true}, x,
        w, y);
  }
  if (conv.batch * conv.out_channels * conv.out_h * conv.out_w == 0) return;
  visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    forward(conv, static_cast<const T*>(x), static_cast<const T*>(w), static_cast<T*>(y));
  });
}

void conv2d_input_gradient(DType dtype, const Conv2d& conv, const void* g, const void* w, void* x) {
  if (is_dense(conv)) {
    return gemm(dtype, {.m = conv.batch, .n = input_numbers(conv), .k = conv.out_channels}, g, w,
                x);
  }
  const std::int64_t elements = conv.batch * input_numbers(conv);
  if (conv.out_channels * conv.out_h * conv.out_w == 0) return fill(dtype, 0, x, elements);
  if (elements == 0) return;
  visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    input_gradient(conv, static_cast<const T*>(g), static_cast<const T*>(w), static_cast<T*>(x));
  });
}

void conv2d_weight_gradient(DType dtype, const Conv2d& conv, const void* x, const void* g,
                            void* w) {
  if (is_dense(conv)) {
    return gemm(
        dtype,
        {.m = conv.out_channels, .n = input_numbers(conv), .k = conv.batch, .transpose_a = true}, g,
        x, w);
  }
  const std::int64_t elements =
      conv.out_channels * conv.in_channels / conv.groups * conv.kernel_h * conv.kernel_w;
  if (conv.batch * conv.out_h * conv.out_w == 0) return fill(dtype, 0, w, elements);
  if (elements == 0) return;
  visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    weight_gradient(conv, static_cast<const T*>(x), static_cast<const T*>(g), static_cast<T*>(w));
  });
}

}  // namespace hourglass::kernels
