#include "tensor/kernels/conv/conv_input_gradient.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <utility>

#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/scratch.h"
#include "tensor/parallel.h"
#include "tensor/short_vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/conv/conv_input_gradient.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/conv/conv_lanes-inl.h"
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

// The taps of one axis that reach a number of the image from places [begin, end) of the output:
// `first`, `first` + `step`, .., at places that go back `place_step` each.
struct Reaching {
  std::int64_t first = 0, step = 1, count = 0;
  std::int64_t place = 0, place_step = 0;

  Reaching() = default;
  Reaching(std::int64_t padded, std::int64_t stride, std::int64_t dilation, std::int64_t kernel,
           std::int64_t begin, std::int64_t end)
      : step(stride / std::gcd(stride, dilation)), place_step(step * dilation / stride) {
    const std::int64_t farthest = padded - begin * stride;
    const std::int64_t taps = farthest < 0 ? 0 : std::min(kernel, farthest / dilation + 1);
    while (first < taps && ((padded - first * dilation) % stride != 0 ||
                            padded - first * dilation >= end * stride)) {
      ++first;
    }
    if (first >= taps) return;
    count = (taps - 1 - first) / step + 1;
    place = (padded - first * dilation) / stride;
  }
};

// What is summed up for one number of the image, of some channels: [rows, columns] taps, of each
// all outputs, at g and, a number a channel, at w.
template <class T>
struct ReachedBox {
  std::int64_t rows = 0, columns = 0, outputs = 0;
  const T* g = nullptr;
  std::int64_t g_row = 0, g_column = 0, g_output = 0;
  const T* w = nullptr;
  std::int64_t w_row = 0, w_column = 0;
  T* x = nullptr;
  std::int64_t x_step = 0;  // from one channel to the next
  bool adds = false;        // to what x holds
};

template <class T>
HWY_INLINE void place_total(const T* total, bool adds, T* x) {
  constexpr LaneSequence<T> kAll;
  LaneSum<T> sum;
  load_sum<T>(sum, total, kAll);
  adds ? add_sum<T>(sum, x, kAll) : store_sum<T>(sum, x, kAll);
}

// The sums of the taps wait in memory: all registers are for those of one.
template <class T, std::size_t... i>
HWY_INLINE void sum_reached_vectors(const ReachedBox<T>& t, std::int64_t lane,
                                    std::index_sequence<i...>) {
  constexpr LaneSequence<T> kAll;
  constexpr std::int64_t kWidth = kLaneVectors<T> * kLanesOf<T>;
  HWY_ALIGN T total[sizeof...(i) * kWidth] = {};
  LaneSum<T> sum[sizeof...(i)];
  for (std::int64_t row = 0; row < t.rows; ++row) {
    for (std::int64_t column = 0; column < t.columns; ++column) {
      const T* g = t.g + row * t.g_row + column * t.g_column + lane;
      const T* w = t.w + row * t.w_row + column * t.w_column;
      (clear_sum<T>(sum[i], kAll), ...);
      for (std::int64_t o = 0; o < t.outputs; ++o, g += t.g_output, w += sizeof...(i)) {
        LaneSum<T> v;
        load_sum<T>(v, g, kAll);
        (add_product<T>(sum[i], w[i], v, kAll), ...);
      }
      (add_sum<T>(sum[i], total + static_cast<std::int64_t>(i) * kWidth, kAll), ...);
    }
  }
  (place_total(total + static_cast<std::int64_t>(i) * kWidth, t.adds,
               t.x + lane + static_cast<std::int64_t>(i) * t.x_step),
   ...);
}

template <class T, std::size_t kChannels>
HWY_NOINLINE void sum_reached(const ReachedBox<T>& t) {
  for (std::int64_t lane = 0; lane < kLaneImages; lane += kLaneVectors<T> * kLanesOf<T>) {
    sum_reached_vectors(t, lane, std::make_index_sequence<kChannels>());
  }
}

template <class T>
using ReachedFunction = void (*)(const ReachedBox<T>&);

template <class T, std::size_t... i>
constexpr std::array<ReachedFunction<T>, kLaneChannels<T>> reached_functions(
    std::index_sequence<i...>) {
  return {&sum_reached<T, i + 1>...};
}
template <class T>
constexpr std::array<ReachedFunction<T>, kLaneChannels<T>> kReachedFunctions =
    reached_functions<T>(std::make_index_sequence<kLaneChannels<T>>());

template <class T>
class InputGradientByLanes {
 public:
  InputGradientByLanes(const Conv2d& c, std::int64_t tile_rows, const T* g, const T* w, T* x)
      : c_(c),
        tile_rows_(tile_rows),
        g_(g),
        w_(w),
        x_(x),
        outputs_(c.out_channels / c.groups),
        kernel_(c.kernel_h * c.kernel_w),
        channels_(c.in_channels / c.groups, kLaneChannels<T>, outputs_ * kernel_,
                  kernel_ * kLaneImages),
        bands_(c, c.in_h, fitting_rows()) {
    for (std::int64_t j = 0; j < c.in_w; ++j) {
      columns_.push_back({j + c.pad_left, c.stride_w, c.dilation_w, c.kernel_w, 0, c.out_w});
    }
  }

  void run() {
    weights_ = scratch<T>(Scratch::kProducts, c_.groups * channels_.tiles * channels_.elements);
    parallel_for(c_.groups * channels_.tiles, [&](std::int64_t tile) { pack(tile); });
    parallel_for(bands_.count(), [&](std::int64_t item) { run_band(band_of(item)); });
  }

 private:
  std::int64_t fitting_rows() const {
    const std::int64_t numbers = kBandBytes / (kLaneImages * static_cast<std::int64_t>(sizeof(T)));
    const std::int64_t g_row = outputs_ * c_.out_w, x_row = channels_.most() * c_.in_w;
    return (numbers * c_.stride_h - (c_.kernel_h - 1) * c_.dilation_h * g_row) /
           (g_row + c_.stride_h * x_row);
  }

  // Rows of x, and the rows of g that reach them.
  LaneBand band_of(std::int64_t item) const {
    LaneBand b = bands_.at(item);
    const std::int64_t lowest = b.first + c_.pad_top - (c_.kernel_h - 1) * c_.dilation_h;
    const std::int64_t highest = b.last - 1 + c_.pad_top;
    b.top = std::clamp<std::int64_t>(lowest / c_.stride_h, 0, c_.out_h);
    b.rows = std::clamp(highest / c_.stride_h + 1, b.top, c_.out_h) - b.top;
    return b;
  }

  // [taps, outputs, channels of the tile], each tap with room for what a vector writes beyond.
  void pack(std::int64_t item) const {
    const std::int64_t tile = item % channels_.tiles, group = item / channels_.tiles;
    const std::int64_t channels = channels_.count(tile);
    for (std::int64_t o = 0; o < outputs_; ++o) {
      const std::int64_t from =
          ((group * outputs_ + o) * channels_.channels + channels_.first(tile)) * kernel_;
      pack_tile<T>({w_ + from, kernel_}, channels, kernel_,
                   weights_ + item * channels_.elements + o * channels, tap_step(channels));
    }
  }
  std::int64_t tap_step(std::int64_t channels) const { return outputs_ * channels + kLaneImages; }

  void run_band(const LaneBand& band) const {
    const std::int64_t plane = c_.out_h * c_.out_w, numbers = (band.last - band.first) * c_.in_w;
    const LaneBlock in{band.images, c_.out_channels * plane, outputs_, plane, band.rows * c_.out_w};
    const std::int64_t g_elements = outputs_ * in.numbers * kLaneImages;
    T* const g = scratch<T>(Scratch::kPatches,
                            g_elements + (channels_.most() * numbers + kLaneImages) * kLaneImages);
    to_lanes(
        in,
        g_ + (band.image * c_.out_channels + band.group * outputs_) * plane + band.top * c_.out_w,
        g);
    for (std::int64_t tile = 0; tile < channels_.tiles; ++tile) {
      run_tile(band, tile, g, g + g_elements);
    }
  }

  // Numbers that the same taps reach one after the other, so that their weights stay in a cache.
  void run_tile(const LaneBand& band, std::int64_t tile, const T* g, T* x) const {
    for (std::int64_t phase = 0; phase < c_.stride_h * c_.stride_w; ++phase) {
      const std::int64_t column = phase % c_.stride_w;
      for (std::int64_t i = phase / c_.stride_w; i < band.last - band.first; i += c_.stride_h) {
        run_row(band, tile, i, column, g, x + (i * c_.in_w + column) * kLaneImages);
      }
    }
    const std::int64_t plane = c_.in_h * c_.in_w, channels = channels_.count(tile),
                       channel = band.group * channels_.channels + channels_.first(tile);
    const std::int64_t numbers = (band.last - band.first) * c_.in_w;
    from_lanes<T>({band.images, c_.in_channels * plane, channels, plane, numbers}, x,
                  x_ + (band.image * c_.in_channels + channel) * plane + band.first * c_.in_w);
  }

  // Row i of the band from a column on, a stride apart.
  void run_row(const LaneBand& band, std::int64_t tile, std::int64_t i, std::int64_t column,
               const T* g, T* x) const {
    for (std::int64_t begin = 0; begin < c_.out_h; begin += tile_rows_) {
      const Reaching rows(band.first + i + c_.pad_top, c_.stride_h, c_.dilation_h, c_.kernel_h,
                          begin, std::min(begin + tile_rows_, c_.out_h));
      if (begin == 0 || rows.count > 0) sum_row(band, tile, rows, begin > 0, column, g, x);
    }
  }

  void sum_row(const LaneBand& band, std::int64_t tile, const Reaching& rows, bool adds,
               std::int64_t column, const T* g, T* x) const {
    const std::int64_t channels = channels_.count(tile), tap = tap_step(channels);
    const T* const weights = weights_ + (band.group * channels_.tiles + tile) * channels_.elements;
    const auto function = kReachedFunctions<T>[static_cast<std::size_t>(channels - 1)];
    ReachedBox<T> box{.rows = rows.count,
                      .outputs = outputs_,
                      .g_row = -rows.place_step * c_.out_w * kLaneImages,
                      .g_output = band.rows * c_.out_w * kLaneImages,
                      .w_row = rows.step * c_.kernel_w * tap,
                      .x = x,
                      .x_step = (band.last - band.first) * c_.in_w * kLaneImages,
                      .adds = adds};
    for (std::int64_t j = column; j < c_.in_w; j += c_.stride_w) {
      const Reaching& columns = columns_[static_cast<std::size_t>(j)];
      box.columns = columns.count;
      box.g = g + ((rows.place - band.top) * c_.out_w + columns.place) * kLaneImages;
      box.g_column = -columns.place_step * kLaneImages;
      box.w = weights + (rows.first * c_.kernel_w + columns.first) * tap;
      box.w_column = columns.step * tap;
      function(box);
      box.x += c_.stride_w * kLaneImages;
    }
  }

  const Conv2d& c_;
  std::int64_t tile_rows_;
  const T *g_, *w_;
  T* x_;
  std::int64_t outputs_, kernel_;  // output channels of a group, taps of an input channel
  LaneTiles channels_;
  LaneBands bands_;
  T* weights_ = nullptr;                                    // [groups, tiles]
  hourglass::internal::ShortVector<Reaching, 64> columns_;  // of each column of x
};

void input_gradient_f32(const Conv2d& c, std::int64_t tile_rows, const float* g, const float* w,
                        float* x) {
  InputGradientByLanes<float>(c, tile_rows, g, w, x).run();
}
void input_gradient_f64(const Conv2d& c, std::int64_t tile_rows, const double* g, const double* w,
                        double* x) {
  InputGradientByLanes<double>(c, tile_rows, g, w, x).run();
}

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(input_gradient_f32);
HWY_EXPORT(input_gradient_f64);

}  // namespace

void input_gradient_by_lanes(const Conv2d& conv, std::int64_t tile_rows, const float* g,
                             const float* w, float* x) {
  HWY_DYNAMIC_DISPATCH(input_gradient_f32)(conv, tile_rows, g, w, x);
}
void input_gradient_by_lanes(const Conv2d& conv, std::int64_t tile_rows, const double* g,
                             const double* w, double* x) {
  HWY_DYNAMIC_DISPATCH(input_gradient_f64)(conv, tile_rows, g, w, x);
}

}  // namespace hourglass::kernels::internal
#endif
