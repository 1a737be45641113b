// Images as the lanes of vectors and back, once a SIMD target.
#if defined(HOURGLASS_KERNELS_CONV_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_CONV_LANES_INL_H_
#undef HOURGLASS_KERNELS_CONV_LANES_INL_H_
#else
#define HOURGLASS_KERNELS_CONV_LANES_INL_H_
#endif

#include <algorithm>
#include <cstdint>

#include "tensor/kernels.h"
#include "tensor/kernels/conv/conv_lanes.h"
#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/gemm/gemm_pack-inl.h"
#include "tensor/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

constexpr std::int64_t kBandBytes = 640 * 1024;  // of images as lanes, that should stay in the L2

// What is read or written of a block of images: of some channels, which lie `channel_step` apart,
// the first `numbers`.
struct LaneBlock {
  std::int64_t images, image_step;
  std::int64_t channels, channel_step;
  std::int64_t numbers;
};

// lanes [channels, numbers, kLaneImages]; 0 for images that are not there.
template <class T>
void to_lanes(const LaneBlock& b, const T* from, T* lanes) {
  for (std::int64_t c = 0; c < b.channels; ++c) {
    pack_transposed<T>({from + c * b.channel_step, b.image_step}, b.numbers, b.images, kLaneImages,
                       lanes + c * b.numbers * kLaneImages);
  }
}

// The same back. Up to kLaneImages numbers behind the lanes are read.
template <class T>
void from_lanes(const LaneBlock& b, const T* lanes, T* to) {
  for (std::int64_t c = 0; c < b.channels; ++c) {
    unpack_transposed<T>({lanes + c * b.numbers * kLaneImages, kLaneImages}, b.numbers, b.images,
                         to + c * b.channel_step, b.image_step);
  }
}

// The rows of what is computed, cut into bands: what a band reads should stay in the L2, and no
// thread be idle. No bit depends on them.
struct LaneBands {
  std::int64_t blocks, groups, bands;

  LaneBands(const Conv2d& c, std::int64_t rows, std::int64_t fitting_rows)
      : blocks(divide_up(c.batch, kLaneImages)), groups(c.groups) {
    const std::int64_t fitting = divide_up(rows, std::max<std::int64_t>(1, fitting_rows));
    bands = std::min(rows, std::max(fitting, divide_up(threads(), blocks * groups)));
  }
};

// Output channels of one group are dealt out to tiles, and so are input channels: as evenly as can
// be, each with its weights side by side.
struct LaneTiles {
  std::int64_t channels, tiles, elements;

  LaneTiles(std::int64_t channels, std::size_t most, std::int64_t weights_a_channel)
      : channels(channels),
        tiles(divide_up(channels, static_cast<std::int64_t>(most))),
        elements(divide_up(channels, tiles) * weights_a_channel + kLaneImages) {}
  std::int64_t first(std::int64_t tile) const { return channels * tile / tiles; }
  std::int64_t count(std::int64_t tile) const { return first(tile + 1) - first(tile); }
};

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
