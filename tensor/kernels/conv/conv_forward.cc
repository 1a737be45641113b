#include "tensor/kernels/conv/conv_forward.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/scratch.h"
#include "tensor/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/conv/conv_forward.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/conv/conv_lanes-inl.h"
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

// The taps of one output place that lie inside of the image: [channels, rows, columns], at x and,
// `maps` numbers each, at w.
template <class T>
struct TapBox {
  std::int64_t channels = 0, rows = 0, columns = 0;
  const T* x = nullptr;
  std::int64_t x_channel = 0, x_row = 0, x_column = 0;
  const T* w = nullptr;
  std::int64_t w_channel = 0, w_row = 0;
  T* y = nullptr;
  std::int64_t y_step = 0;  // from one map to the next
};

template <class T, std::size_t... i>
HWY_INLINE void sum_box_vectors(const TapBox<T>& t, std::int64_t lane, std::index_sequence<i...>) {
  constexpr LaneSequence<T> kAll;
  LaneSum<T> sum[sizeof...(i)];
  (clear_sum<T>(sum[i], kAll), ...);
  const T *x_channel = t.x + lane, *w_channel = t.w;
  for (std::int64_t c = 0; c < t.channels;
       ++c, x_channel += t.x_channel, w_channel += t.w_channel) {
    const T *x_row = x_channel, *w_row = w_channel;
    for (std::int64_t row = 0; row < t.rows; ++row, x_row += t.x_row, w_row += t.w_row) {
      const T *x = x_row, *w = w_row;
      for (std::int64_t column = 0; column < t.columns; ++column) {
        LaneSum<T> v;
        load_sum<T>(v, x, kAll);
        (add_product<T>(sum[i], w[i], v, kAll), ...);
        x += t.x_column;
        w += sizeof...(i);
      }
    }
  }
  (store_sum<T>(sum[i], t.y + lane + static_cast<std::int64_t>(i) * t.y_step, kAll), ...);
}

template <class T, std::size_t kMaps>
HWY_NOINLINE void sum_box(const TapBox<T>& t) {
  for (std::int64_t lane = 0; lane < kLaneImages; lane += kLaneVectors<T> * kLanesOf<T>) {
    sum_box_vectors(t, lane, std::make_index_sequence<kMaps>());
  }
}

template <class T>
using BoxFunction = void (*)(const TapBox<T>&);

template <class T, std::size_t... i>
constexpr std::array<BoxFunction<T>, kLaneChannels<T>> box_functions(std::index_sequence<i...>) {
  return {&sum_box<T, i + 1>...};
}
template <class T>
constexpr std::array<BoxFunction<T>, kLaneChannels<T>> kBoxFunctions =
    box_functions<T>(std::make_index_sequence<kLaneChannels<T>>());

// The taps of one axis that lie inside, for the output place `place`.
struct Inside {
  std::int64_t first, last;
  std::int64_t at;  // of the first, in the image

  Inside(std::int64_t place, std::int64_t stride, std::int64_t pad, std::int64_t dilation,
         std::int64_t kernel, std::int64_t size) {
    const std::int64_t begin = place * stride - pad;
    first = begin < 0 ? std::min(kernel, divide_up(-begin, dilation)) : 0;
    last = begin < size ? std::clamp(divide_up(size - begin, dilation), first, kernel) : first;
    at = begin + first * dilation;
  }
  std::int64_t count() const { return last - first; }
};

template <class T>
class ForwardByLanes {
 public:
  ForwardByLanes(const Conv2d& c, const T* x, const T* w, T* y)
      : c_(c),
        x_(x),
        w_(w),
        y_(y),
        channels_(c.in_channels / c.groups),
        kernel_(c.kernel_h * c.kernel_w),
        maps_(c.out_channels / c.groups, kLaneChannels<T>, channels_ * kernel_, kLaneImages),
        bands_(c, c.out_h, fitting_rows()) {}

  void run() {
    weights_ = scratch<T>(Scratch::kProducts, c_.groups * maps_.tiles * maps_.elements);
    parallel_for(c_.groups * maps_.tiles, [&](std::int64_t tile) { pack(tile); });
    parallel_for(bands_.count(), [&](std::int64_t item) { run_band(band_of(item)); });
  }

 private:
  std::int64_t reach() const { return (c_.kernel_h - 1) * c_.dilation_h + 1; }

  std::int64_t fitting_rows() const {
    const std::int64_t numbers = kBandBytes / (kLaneImages * static_cast<std::int64_t>(sizeof(T)));
    const std::int64_t x_row = channels_ * c_.in_w, y_row = maps_.most() * c_.out_w;
    return (numbers - (reach() - c_.stride_h) * x_row) / (c_.stride_h * x_row + y_row);
  }

  // Output rows, and the rows of x that they read.
  LaneBand band_of(std::int64_t item) const {
    LaneBand b = bands_.at(item);
    b.top = std::clamp<std::int64_t>(b.first * c_.stride_h - c_.pad_top, 0, c_.in_h);
    const std::int64_t end = (b.last - 1) * c_.stride_h - c_.pad_top + reach();
    b.rows = std::clamp(end, b.top, c_.in_h) - b.top;
    return b;
  }

  // [taps, maps of the tile]
  void pack(std::int64_t item) const {
    const std::int64_t tile = item % maps_.tiles, group = item / maps_.tiles;
    const std::int64_t taps = channels_ * kernel_;
    pack_tile<T>({w_ + (group * maps_.channels + maps_.first(tile)) * taps, taps},
                 maps_.count(tile), taps, weights_ + item * maps_.elements, maps_.count(tile));
  }

  void run_band(const LaneBand& band) const {
    const std::int64_t plane = c_.in_h * c_.in_w, places = (band.last - band.first) * c_.out_w;
    const LaneBlock in{band.images, c_.in_channels * plane, channels_, plane, band.rows * c_.in_w};
    const std::int64_t x_elements = channels_ * in.numbers * kLaneImages;
    T* const x = scratch<T>(Scratch::kPatches,
                            x_elements + (maps_.most() * places + kLaneImages) * kLaneImages);
    to_lanes(
        in,
        x_ + (band.image * c_.in_channels + band.group * channels_) * plane + band.top * c_.in_w,
        x);
    for (std::int64_t tile = 0; tile < maps_.tiles; ++tile) {
      run_tile(band, tile, x, x + x_elements);
    }
  }

  void run_tile(const LaneBand& band, std::int64_t tile, const T* x, T* y) const {
    const std::int64_t maps = maps_.count(tile), places = (band.last - band.first) * c_.out_w;
    const T* const weights = weights_ + (band.group * maps_.tiles + tile) * maps_.elements;
    const BoxFunction<T> function = kBoxFunctions<T>[static_cast<std::size_t>(maps - 1)];
    TapBox<T> box{.channels = channels_,
                  .x_channel = band.rows * c_.in_w * kLaneImages,
                  .x_row = c_.dilation_h * c_.in_w * kLaneImages,
                  .x_column = c_.dilation_w * kLaneImages,
                  .w_channel = kernel_ * maps,
                  .w_row = c_.kernel_w * maps,
                  .y = y,
                  .y_step = places * kLaneImages};
    for (std::int64_t i = band.first; i < band.last; ++i) {
      const Inside h(i, c_.stride_h, c_.pad_top, c_.dilation_h, c_.kernel_h, c_.in_h);
      box.rows = h.count();
      for (std::int64_t j = 0; j < c_.out_w; ++j, box.y += kLaneImages) {
        const Inside v(j, c_.stride_w, c_.pad_left, c_.dilation_w, c_.kernel_w, c_.in_w);
        box.columns = v.count();
        box.x = x + ((h.at - band.top) * c_.in_w + v.at) * kLaneImages;
        box.w = weights + (h.first * c_.kernel_w + v.first) * maps;
        function(box);
      }
    }
    const std::int64_t plane = c_.out_h * c_.out_w,
                       map = band.group * maps_.channels + maps_.first(tile);
    from_lanes<T>({band.images, c_.out_channels * plane, maps, plane, places}, y,
                  y_ + (band.image * c_.out_channels + map) * plane + band.first * c_.out_w);
  }

  const Conv2d& c_;
  const T *x_, *w_;
  T* y_;
  std::int64_t channels_, kernel_;  // input channels of a group, taps of each
  LaneTiles maps_;
  LaneBands bands_;
  T* weights_ = nullptr;  // [groups, tiles]
};

void forward_f32(const Conv2d& c, const float* x, const float* w, float* y) {
  ForwardByLanes<float>(c, x, w, y).run();
}
void forward_f64(const Conv2d& c, const double* x, const double* w, double* y) {
  ForwardByLanes<double>(c, x, w, y).run();
}

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(forward_f32);
HWY_EXPORT(forward_f64);

}  // namespace

void conv2d_by_lanes(const Conv2d& conv, const float* x, const float* w, float* y) {
  HWY_DYNAMIC_DISPATCH(forward_f32)(conv, x, w, y);
}
void conv2d_by_lanes(const Conv2d& conv, const double* x, const double* w, double* y) {
  HWY_DYNAMIC_DISPATCH(forward_f64)(conv, x, w, y);
}

}  // namespace hourglass::kernels::internal
#endif
