#include "tensor/kernels/conv/conv_weight_gradient.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/scratch.h"
#include "tensor/parallel.h"
#include "tensor/short_vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/conv/conv_weight_gradient.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/gemm/gemm_pack-inl.h"
#include "tensor/kernels/gemm/gemm_tile-inl.h"
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

constexpr std::int64_t kPlacesTogether = 256;  // between two readings of a tile's sums
constexpr std::int64_t kCrowdedBytes = 2048;   // planes so far apart share few sets of the L1
constexpr std::int64_t kTapVectors = 2;        // of outputs, in a tile

// Input channels of a tile, by its vectors of outputs.
template <std::size_t kVectors>
constexpr std::size_t kTapChannels = static_cast<std::size_t>(kMostRows[kVectors]);

// One tap's products, of some channels and some vectors of outputs: over [images, rows, columns]
// places, in this order.
template <class T>
struct TapPlaces {
  std::int64_t images = 0, rows = 0, columns = 0;
  const T* x = nullptr;
  std::int64_t x_channel = 0, x_image = 0, x_row = 0, x_column = 0;
  const T* g = nullptr;  // of each place the tile's outputs
  std::int64_t g_image = 0, g_row = 0;
  T* sums = nullptr;
  std::int64_t sums_step = 0;  // from one channel to the next
  bool resume = false;         // sums hold the sums so far
};

template <class T, std::size_t kChannels, std::size_t kVectors>
struct TapKernel {
  using D = hn::ScalableTag<T>;
  static constexpr std::size_t kLanes = hn::MaxLanes(D());
  using Channels = std::make_index_sequence<kChannels>;
  using Vectors = std::make_index_sequence<kVectors>;
  using Sum = hn::Vec<D>[kChannels][kVectors];

  template <std::size_t... v>
  static HWY_INLINE void begin(const TapPlaces<T>& t, std::size_t i, Sum& s,
                               std::index_sequence<v...>) {
    const T* const from = t.sums + static_cast<std::int64_t>(i) * t.sums_step;
    ((s[i][v] = t.resume ? hn::LoadU(D(), from + v * kLanes) : hn::Zero(D())), ...);
  }
  template <std::size_t... v>
  static HWY_INLINE void end(const TapPlaces<T>& t, std::size_t i, const Sum& s,
                             std::index_sequence<v...>) {
    T* const to = t.sums + static_cast<std::int64_t>(i) * t.sums_step;
    (hn::StoreU(s[i][v], D(), to + v * kLanes), ...);
  }
  template <std::size_t... v>
  static HWY_INLINE void add(T x, const hn::Vec<D>* g, std::size_t i, Sum& s,
                             std::index_sequence<v...>) {
    ((s[i][v] = hn::MulAdd(hn::Set(D(), x), g[v], s[i][v])), ...);
  }

  template <std::size_t... i>
  static HWY_INLINE void run(const TapPlaces<T>& t, std::index_sequence<i...>) {
    Sum s;
    (begin(t, i, s, Vectors()), ...);
    const RowPointers<kChannels, T> x(t.x, t.x_channel);
    for (std::int64_t image = 0; image < t.images; ++image) {
      for (std::int64_t row = 0; row < t.rows; ++row) {
        const T* g = t.g + image * t.g_image + row * t.g_row;
        std::int64_t at = image * t.x_image + row * t.x_row;
        for (std::int64_t column = 0; column < t.columns; ++column) {
          hn::Vec<D> outputs[kVectors];
          for (std::size_t v = 0; v < kVectors; ++v) outputs[v] = hn::LoadU(D(), g + v * kLanes);
          (add(*x.template at<i>(at), outputs, i, s, Vectors()), ...);
          g += kVectors * kLanes;
          at += t.x_column;
        }
      }
    }
    (end(t, i, s, Vectors()), ...);
  }
};

template <class T, std::size_t kChannels, std::size_t kVectors>
HWY_NOINLINE void add_tap(const TapPlaces<T>& t) {
  using Kernel = TapKernel<T, kChannels, kVectors>;
  Kernel::run(t, typename Kernel::Channels());
}

template <class T>
using TapFunction = void (*)(const TapPlaces<T>&);

template <class T, std::size_t kVectors, std::size_t... i>
constexpr std::array<TapFunction<T>, kTapChannels<kVectors>> tap_functions(
    std::index_sequence<i...>) {
  return {&add_tap<T, i + 1, kVectors>...};
}
template <class T, std::size_t kVectors>
constexpr std::array<TapFunction<T>, kTapChannels<kVectors>> kTapFunctions =
    tap_functions<T, kVectors>(std::make_index_sequence<kTapChannels<kVectors>>());

template <class T>
TapFunction<T> tap_function(std::int64_t channels, std::int64_t vectors) {
  const auto i = static_cast<std::size_t>(channels - 1);
  return vectors == 1 ? kTapFunctions<T, 1>[i] : kTapFunctions<T, 2>[i];
}

// Of the output places [begin, end) of an axis those at which a tap, that is `offset` from where
// place 0 begins, lies inside of the image.
struct InsidePlaces {
  std::int64_t first = 0, last = 0;

  InsidePlaces() = default;
  InsidePlaces(std::int64_t offset, std::int64_t stride, std::int64_t size, std::int64_t begin,
               std::int64_t end) {
    const auto places_before = [&](std::int64_t at) {
      return at > offset ? divide_up(at - offset, stride) : 0;
    };
    first = std::clamp(places_before(0), begin, end);
    last = std::clamp(places_before(size), first, end);
  }
  std::int64_t count() const { return last - first; }
};

// The sums of a group: [panels of vectors of outputs, channels, taps, the panel's outputs].
template <class T>
struct TapSumsLayout {
  std::int64_t channels, outputs, taps;
  std::int64_t vectors, panels;

  explicit TapSumsLayout(const Conv2d& c)
      : channels(c.in_channels / c.groups),
        outputs(c.out_channels / c.groups),
        taps(c.kernel_h * c.kernel_w),
        vectors(divide_up(outputs, kLanesOf<T>)),
        panels(divide_up(vectors, kTapVectors)) {}
  std::int64_t first(std::int64_t panel) const {  // output
    return vectors * panel / panels * kLanesOf<T>;
  }
  std::int64_t width(std::int64_t panel) const { return first(panel + 1) - first(panel); }
  std::int64_t count(std::int64_t panel) const {  // of the panel's outputs that there are
    return std::min(outputs - first(panel), width(panel));
  }
  std::int64_t elements(std::int64_t begin, std::int64_t end) const {  // of panels [begin, end)
    return (first(end) - first(begin)) * channels * taps;
  }
  std::int64_t elements(const TapPanels& p) const { return elements(p.first, p.last); }
};

template <class T>
class TapSumsOfTile {
 public:
  TapSumsOfTile(const Conv2d& c, const PatchTile& tile, const TapPanels& panels, std::int64_t group,
                const T* x, const T* g, T* sums)
      : c_(c),
        tile_(tile),
        panels_(panels),
        group_(group),
        layout_(c),
        x_(x),
        g_(g),
        sums_(sums + group * layout_.elements(panels)),
        places_(tile.rows * c.out_w),
        plane_(c.in_h * c.in_w) {
    for (std::int64_t v = 0; v < c.kernel_w; ++v) {
      columns_.push_back({v * c.dilation_w - c.pad_left, c.stride_w, c.in_w, 0, c.out_w});
    }
  }

  void run(bool resume) const {
    const std::int64_t together =
        std::clamp<std::int64_t>(kPlacesTogether / places_, 1, tile_.images);
    const std::int64_t g_elements = together * places_ * kTapVectors * kLanesOf<T>;
    const bool crowded = plane_ * static_cast<std::int64_t>(sizeof(T)) % kCrowdedBytes == 0;
    const std::int64_t x_elements = crowded ? together * layout_.channels * spread_step() : 0;
    T* const g = scratch<T>(Scratch::kPatches, g_elements + x_elements);
    for (std::int64_t i = 0; i < tile_.images; i += together, resume = true) {
      const std::int64_t image = tile_.image + i;
      const std::int64_t images = std::min(together, tile_.images - i);
      Planes x{x_ + (image * c_.in_channels + group_ * layout_.channels) * plane_, images,
               c_.in_channels * plane_, plane_};
      if (crowded) x = spread(x, g + g_elements);
      for (std::int64_t panel = panels_.first; panel < panels_.last; ++panel) {
        pack(panel, image, images, g);
        add_panel(panel, x, g, resume);
      }
    }
  }

 private:
  // The channels of a group of some images.
  struct Planes {
    const T* at;
    std::int64_t images, image_step, channel_step;
  };

  std::int64_t spread_step() const { return plane_ + 64 / static_cast<std::int64_t>(sizeof(T)); }

  Planes spread(const Planes& from, T* to) const {
    const Planes result{to, from.images, layout_.channels * spread_step(), spread_step()};
    for (std::int64_t i = 0; i < from.images; ++i) {
      for (std::int64_t channel = 0; channel < layout_.channels; ++channel, to += spread_step()) {
        std::copy_n(from.at + i * from.image_step + channel * from.channel_step, plane_, to);
      }
    }
    return result;
  }

  // [images, rows, columns, outputs of the panel]
  void pack(std::int64_t panel, std::int64_t image, std::int64_t images, T* to) const {
    const std::int64_t plane = c_.out_h * c_.out_w, width = layout_.width(panel);
    const std::int64_t output = group_ * layout_.outputs + layout_.first(panel);
    for (std::int64_t i = 0; i < images; ++i, to += places_ * width) {
      const std::int64_t from =
          ((image + i) * c_.out_channels + output) * plane + tile_.row * c_.out_w;
      pack_transposed<T>({g_ + from, plane}, places_, layout_.count(panel), width, to);
    }
  }

  void add_panel(std::int64_t panel, const Planes& x, const T* g, bool resume) const {
    const std::int64_t width = layout_.width(panel), vectors = width / kLanesOf<T>;
    const std::int64_t tiles = divide_up(layout_.channels, kMostRows[vectors]);
    TapPlaces<T> places{.images = x.images,
                        .x_channel = x.channel_step,
                        .x_image = x.image_step,
                        .x_row = c_.stride_h * c_.in_w,
                        .x_column = c_.stride_w,
                        .g_image = places_ * width,
                        .g_row = c_.out_w * width,
                        .sums_step = layout_.taps * width,
                        .resume = resume};
    for (std::int64_t tile = 0; tile < tiles; ++tile) {
      const std::int64_t channel = layout_.channels * tile / tiles;
      const std::int64_t channels = layout_.channels * (tile + 1) / tiles - channel;
      places.x = x.at + channel * x.channel_step;
      places.g = g;
      places.sums = sums_ + layout_.elements(panels_.first, panel) + channel * places.sums_step;
      add_taps(tap_function<T>(channels, vectors), places, width);
    }
  }

  void add_taps(TapFunction<T> function, const TapPlaces<T>& all, std::int64_t width) const {
    TapPlaces<T> tap = all;
    for (std::int64_t h = 0; h < c_.kernel_h; ++h) {
      const std::int64_t down = h * c_.dilation_h - c_.pad_top;
      const InsidePlaces rows(down, c_.stride_h, c_.in_h, tile_.row, tile_.row + tile_.rows);
      tap.rows = rows.count();
      const T* const x = all.x + (rows.first * c_.stride_h + down) * c_.in_w - c_.pad_left;
      const T* const g = all.g + (rows.first - tile_.row) * c_.out_w * width;
      for (const InsidePlaces& columns : columns_) {
        const std::int64_t v = &columns - columns_.begin();
        tap.columns = columns.count();
        tap.x = x + columns.first * c_.stride_w + v * c_.dilation_w;
        tap.g = g + columns.first * width;
        function(tap);
        tap.sums += width;
      }
    }
  }

  const Conv2d& c_;
  const PatchTile& tile_;
  const TapPanels& panels_;
  std::int64_t group_;
  TapSumsLayout<T> layout_;
  const T *x_, *g_;
  T* sums_;                      // of the group
  std::int64_t places_, plane_;  // of the tile in an image of g, numbers of a plane of x
  hourglass::internal::ShortVector<InsidePlaces, 16> columns_;  // of each tap of a kernel row
};

// w of `count` runs' sums, which one tree joins, as reduce would.
template <class T>
void place(const Conv2d& c, const TapPanels& panels, std::int64_t count, const T* sums, T* w) {
  const TapSumsLayout<T> layout(c);
  const std::int64_t weights = layout.channels * layout.taps;  // of an output
  const std::int64_t elements = layout.elements(panels), some = panels.last - panels.first;
  parallel_for(c.groups * some * layout.channels, [&](std::int64_t item) {
    const std::int64_t channel = item % layout.channels,
                       panel = panels.first + item / layout.channels % some,
                       group = item / layout.channels / some;
    const std::int64_t width = layout.width(panel), numbers = layout.taps * width;
    const T* const from =
        sums + group * elements + layout.elements(panels.first, panel) + channel * numbers;
    T* const joined = scratch<T>(Scratch::kPatches, numbers + kLanesOf<T> * width);
    sum_columns(dtype_of<T>(), from, joined, count, numbers, c.groups * elements);
    T* const to =
        w + (group * layout.outputs + layout.first(panel)) * weights + channel * layout.taps;
    unpack_transposed<T>({joined, width}, layout.taps, layout.count(panel), to, weights);
  });
}

template <class T>
TapPanels panels_of(const Conv2d& c) {
  return {0, TapSumsLayout<T>(c).panels};
}
TapPanels panels_f32(const Conv2d& c) { return panels_of<float>(c); }
TapPanels panels_f64(const Conv2d& c) { return panels_of<double>(c); }
std::int64_t tap_sums_f32(const Conv2d& c, const TapPanels& panels) {
  return c.groups * TapSumsLayout<float>(c).elements(panels);
}
std::int64_t tap_sums_f64(const Conv2d& c, const TapPanels& panels) {
  return c.groups * TapSumsLayout<double>(c).elements(panels);
}
void add_taps_f32(const Conv2d& c, const PatchTile& tile, const TapPanels& panels,
                  std::int64_t group, bool resume, const float* x, const float* g, float* sums) {
  TapSumsOfTile<float>(c, tile, panels, group, x, g, sums).run(resume);
}
void add_taps_f64(const Conv2d& c, const PatchTile& tile, const TapPanels& panels,
                  std::int64_t group, bool resume, const double* x, const double* g, double* sums) {
  TapSumsOfTile<double>(c, tile, panels, group, x, g, sums).run(resume);
}
void place_taps_f32(const Conv2d& c, const TapPanels& panels, std::int64_t count, const float* sums,
                    float* w) {
  place(c, panels, count, sums, w);
}
void place_taps_f64(const Conv2d& c, const TapPanels& panels, std::int64_t count,
                    const double* sums, double* w) {
  place(c, panels, count, sums, w);
}

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(panels_f32);
HWY_EXPORT(panels_f64);
HWY_EXPORT(tap_sums_f32);
HWY_EXPORT(tap_sums_f64);
HWY_EXPORT(add_taps_f32);
HWY_EXPORT(add_taps_f64);
HWY_EXPORT(place_taps_f32);
HWY_EXPORT(place_taps_f64);

}  // namespace

TapPanels tap_panels(DType dtype, const Conv2d& conv) {
  if (dtype == DType::kF32) return HWY_DYNAMIC_DISPATCH(panels_f32)(conv);
  return HWY_DYNAMIC_DISPATCH(panels_f64)(conv);
}

std::int64_t tap_sums_elements(DType dtype, const Conv2d& conv, const TapPanels& panels) {
  if (dtype == DType::kF32) return HWY_DYNAMIC_DISPATCH(tap_sums_f32)(conv, panels);
  return HWY_DYNAMIC_DISPATCH(tap_sums_f64)(conv, panels);
}

void add_tap_sums(const Conv2d& conv, const PatchTile& tile, const TapPanels& panels,
                  std::int64_t group, bool resume, const float* x, const float* g, float* sums) {
  HWY_DYNAMIC_DISPATCH(add_taps_f32)(conv, tile, panels, group, resume, x, g, sums);
}
void add_tap_sums(const Conv2d& conv, const PatchTile& tile, const TapPanels& panels,
                  std::int64_t group, bool resume, const double* x, const double* g, double* sums) {
  HWY_DYNAMIC_DISPATCH(add_taps_f64)(conv, tile, panels, group, resume, x, g, sums);
}

void place_tap_sums(const Conv2d& conv, const TapPanels& panels, std::int64_t count,
                    const float* sums, float* w) {
  HWY_DYNAMIC_DISPATCH(place_taps_f32)(conv, panels, count, sums, w);
}
void place_tap_sums(const Conv2d& conv, const TapPanels& panels, std::int64_t count,
                    const double* sums, double* w) {
  HWY_DYNAMIC_DISPATCH(place_taps_f64)(conv, panels, count, sums, w);
}

}  // namespace hourglass::kernels::internal
#endif
