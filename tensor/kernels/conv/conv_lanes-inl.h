// Images as the lanes of vectors and back, once a SIMD target.
#if defined(HOURGLASS_KERNELS_CONV_LANES_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_KERNELS_CONV_LANES_INL_H_
#undef HOURGLASS_KERNELS_CONV_LANES_INL_H_
#else
#define HOURGLASS_KERNELS_CONV_LANES_INL_H_
#endif

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tensor/kernels.h"
#include "tensor/kernels/conv/conv_lanes.h"
#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/gemm/gemm_pack-inl.h"
#include "tensor/parallel.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

constexpr std::int64_t kBandBytes = 768 * 1024;  // of images as lanes, that should stay in the L2

// Vectors of a block's images that a tile computes at once, and how many of its channels: their sums
// and what they are made of fill the registers.
template <class T>
constexpr std::int64_t kLaneVectors = std::min<std::int64_t>(2, kLaneImages / kLanesOf<T>);
#if HWY_TARGET <= HWY_AVX3
template <class T>
constexpr std::size_t kLaneChannels = 28 / kLaneVectors<T>;
#else
template <class T>
constexpr std::size_t kLaneChannels = 12 / kLaneVectors<T>;
#endif

// The vectors of one channel of a tile; what follows unrolls over them.
template <class T>
using LaneSum = hn::Vec<hn::ScalableTag<T>>[kLaneVectors<T>];
template <class T>
using LaneSequence = std::make_index_sequence<static_cast<std::size_t>(kLaneVectors<T>)>;

template <class T, std::size_t... v>
HWY_INLINE void clear_sum(LaneSum<T>& sum, std::index_sequence<v...>) {
  ((sum[v] = hn::Zero(hn::ScalableTag<T>())), ...);
}
template <class T, std::size_t... v>
HWY_INLINE void add_product(LaneSum<T>& sum, T w, const LaneSum<T>& x, std::index_sequence<v...>) {
  ((sum[v] = hn::MulAdd(hn::Set(hn::ScalableTag<T>(), w), x[v], sum[v])), ...);
}
template <class T, std::size_t... v>
HWY_INLINE void load_sum(LaneSum<T>& sum, const T* from, std::index_sequence<v...>) {
  ((sum[v] = hn::LoadU(hn::ScalableTag<T>(), from + v * kLanesOf<T>)), ...);
}
template <class T, std::size_t... v>
HWY_INLINE void store_sum(const LaneSum<T>& sum, T* to, std::index_sequence<v...>) {
  (hn::StoreU(sum[v], hn::ScalableTag<T>(), to + v * kLanesOf<T>), ...);
}
template <class T, std::size_t... v>
HWY_INLINE void add_sum(const LaneSum<T>& sum, T* to, std::index_sequence<v...>) {
  const hn::ScalableTag<T> d;
  (hn::StoreU(hn::Add(hn::LoadU(d, to + v * kLanesOf<T>), sum[v]), d, to + v * kLanesOf<T>), ...);
}

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

// Rows [first, last) of what is computed, of a group of a block of images, and the rows that are
// read for them.
struct LaneBand {
  std::int64_t image, images, group;
  std::int64_t first, last;
  std::int64_t top = 0, rows = 0;
};

// The rows of what is computed, cut into bands: what a band reads and a tile writes should stay in
// the L2, and no thread be idle. No bit depends on them.
struct LaneBands {
  std::int64_t images, rows, blocks, groups, bands;

  LaneBands(const Conv2d& c, std::int64_t rows, std::int64_t fitting_rows)
      : images(c.batch), rows(rows), blocks(divide_up(c.batch, kLaneImages)), groups(c.groups) {
    const std::int64_t fitting = divide_up(rows, std::max<std::int64_t>(1, fitting_rows));
    bands = std::min(rows, std::max(fitting, divide_up(threads(), blocks * groups)));
  }
  std::int64_t count() const { return blocks * groups * bands; }
  // Without the rows that are read.
  LaneBand at(std::int64_t item) const {
    const std::int64_t band = item % bands, image = item / bands / groups * kLaneImages;
    return {.image = image,
            .images = std::min(kLaneImages, images - image),
            .group = item / bands % groups,
            .first = rows * band / bands,
            .last = rows * (band + 1) / bands};
  }
};

// Output channels of one group are dealt out to tiles, and so are input channels: as evenly as can
// be, each with its weights side by side, and room for what vectors write beyond them.
struct LaneTiles {
  std::int64_t channels, tiles, elements;

  LaneTiles(std::int64_t channels, std::size_t limit, std::int64_t weights_a_channel,
            std::int64_t slack)
      : channels(channels),
        tiles(divide_up(channels, static_cast<std::int64_t>(limit))),
        elements(most() * weights_a_channel + slack) {}
  std::int64_t most() const { return divide_up(channels, tiles); }
  std::int64_t first(std::int64_t tile) const { return channels * tile / tiles; }
  std::int64_t count(std::int64_t tile) const { return first(tile + 1) - first(tile); }
};

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif
