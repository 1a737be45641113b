#include "tensor/kernels/conv/conv_patches.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <utility>

#include "tensor/kernels/divide_up.h"
#include "tensor/short_vector.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/conv/conv_patches.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

template <class T>
using HalfTag =
    hn::CappedTag<T, 32 / sizeof(T)>;  // what is merged at stride 2: two blocks of 128 bits

template <class D>
constexpr std::int64_t kLanes = static_cast<std::int64_t>(hn::MaxLanes(D()));

// Copies n numbers; what a vector writes beyond them is 0.
template <class T>
HWY_INLINE void copy_row(const T* x, std::int64_t n, T* y) {
  const hn::ScalableTag<T> d;
  for (std::int64_t i = 0; i < n; i += kLanes<decltype(d)>) {
    hn::StoreU(load_first(d, x + i, n - i), d, y + i);
  }
}

// Even and odd places of n numbers; what a vector writes beyond them is 0.
template <class T>
HWY_INLINE void split_row(const T* x, std::int64_t n, T* even, T* odd) {
  const hn::ScalableTag<T> d;
  constexpr std::int64_t kN = kLanes<decltype(d)>;
  for (std::int64_t i = 0; i < n; i += 2 * kN) {
    const auto a = load_first(d, x + i, n - i);
    const auto b = load_first(d, x + i + kN, n - i - kN);
    if constexpr (kN == 1) {
      hn::StoreU(a, d, even + i / 2);
      hn::StoreU(b, d, odd + i / 2);
    } else {
      hn::StoreU(ConcatEven(d, b, a), d, even + i / 2);
      hn::StoreU(ConcatOdd(d, b, a), d, odd + i / 2);
    }
  }
}

// Walks down the padded rows of an image: row r is row r / stride of the planes of residue r %
// stride.
class PlaneRow {
 public:
  PlaneRow(const Conv2d& c, const PatchPlanes& p, std::int64_t padded)
      : residue_(padded % c.stride_h),
        row_(padded / c.stride_h),
        stride_(c.stride_h),
        planes_(c.stride_w * p.plane),
        pitch_(p.pitch) {}
  std::int64_t offset() const { return residue_ * planes_ + row_ * pitch_; }
  void advance() {
    if (++residue_ < stride_) return;
    residue_ = 0;
    ++row_;
  }

 private:
  std::int64_t residue_, row_, stride_, planes_, pitch_;
};

// Of each image the same places: the padding between them stays 0.
template <class T>
void fill_planes(const Conv2d& c, const PatchPlanes& p, const T* x, T* planes) {
  const std::int64_t n = p.last_w - p.first_w;
  const std::int64_t column = p.first_w + p.shift_w;
  PlaneRow row(c, p, p.first_h + p.shift_h);
  for (std::int64_t h = p.first_h; h < p.last_h; ++h, row.advance()) {
    const T* from = x + h * c.in_w + p.first_w;
    T* to = planes + row.offset();
    if (c.stride_w == 1) {
      copy_row(from, n, to + column);
    } else if (c.stride_w == 2) {
      split_row(from, n, to + column % 2 * p.plane + column / 2,
                to + (column + 1) % 2 * p.plane + (column + 1) / 2);
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        to[(column + i) % c.stride_w * p.plane + (column + i) / c.stride_w] = from[i];
      }
    }
  }
}

template <class T>
HWY_INLINE void copy_runs(const T* from, std::int64_t pitch, std::int64_t runs, std::int64_t n,
                          T* to) {
  const hn::ScalableTag<T> d;
  constexpr std::int64_t kN = kLanes<decltype(d)>;
  if (n <= kN) {  // the inner loop would cost more than its work
    for (std::int64_t run = 0; run < runs; ++run) {
      hn::StoreU(hn::LoadU(d, from + run * pitch), d, to + run * n);
    }
    return;
  }
  for (std::int64_t run = 0; run < runs; ++run, from += pitch, to += n) {
    for (std::int64_t i = 0; i < n; i += kN) hn::StoreU(hn::LoadU(d, from + i), d, to + i);
  }
}

// The planes of one channel of one image, to its rows of the matrix. A run's last vector writes
// beyond it, where the next run, the next image or the slack is still to come.
template <class T>
void copy_taps(const Conv2d& c, const PatchPlanes& p, const PatchTile& tile, const T* planes,
               T* patches) {
  for (std::int64_t kh = 0; kh < c.kernel_h; ++kh) {
    for (std::int64_t kw = 0; kw < c.kernel_w; ++kw, patches += tile.pitch) {
      const std::int64_t h = kh * c.dilation_h, w = kw * c.dilation_w;
      const T* from = planes + (h % c.stride_h * c.stride_w + w % c.stride_w) * p.plane +
                      h / c.stride_h * p.pitch + w / c.stride_w;
      copy_runs(from, p.pitch, tile.rows, c.out_w, patches);
    }
  }
}

template <class T>
void gather(const Conv2d& c, const PatchTile& tile, const T* x, T* planes, T* patches) {
  const PatchPlanes p(c, tile.row, tile.rows);
  std::fill_n(planes, p.elements, T{0});
  for (std::int64_t image = 0; image < tile.images; ++image) {
    for (std::int64_t channel = 0; channel < tile.channels; ++channel) {
      const std::int64_t from = (tile.image + image) * c.in_channels + tile.channel + channel;
      fill_planes(c, p, x + from * c.in_h * c.in_w, planes);
      copy_taps(
          c, p, tile, planes,
          patches + channel * c.kernel_h * c.kernel_w * tile.pitch + image * tile.rows * c.out_w);
    }
  }
}

constexpr std::int64_t kTaps = 16;  // of a kernel row, that are summed in one pass

// How the patches of a channel are summed up on its planes: the same for each of a tile.
template <class T>
struct TapSums {
  using D = hn::ScalableTag<T>;
  using Places = hourglass::internal::ShortVector<std::int64_t, 16>;

  const Conv2d& c;
  const PatchPlanes& p;
  const PatchTile& tile;
  T* masks;          // [kernel_w, pitch]: which columns of its plane lie within a tap's run
  Places plane_row;  // of each kernel row: where its first row is on the planes
  Places begin;      // of each residue of columns: its taps, then the end
  Places offset;     // of each tap: from a plane's column to its number of the patches

  TapSums(const Conv2d& c, const PatchPlanes& p, const PatchTile& tile, T* masks)
      : c(c), p(p), tile(tile), masks(masks) {
    for (std::int64_t kh = 0; kh < c.kernel_h; ++kh) {
      const std::int64_t h = kh * c.dilation_h;
      plane_row.push_back(h % c.stride_h * c.stride_w * p.plane + h / c.stride_h * p.pitch);
    }
    for (std::int64_t residue = 0; residue < c.stride_w; ++residue) {
      begin.push_back(static_cast<std::int64_t>(offset.size()));
      for (std::int64_t kw = 0; kw < c.kernel_w; ++kw) {
        if (kw * c.dilation_w % c.stride_w == residue) add_tap(kw);
      }
    }
    begin.push_back(static_cast<std::int64_t>(offset.size()));
  }

  void add_tap(std::int64_t kw) {
    const std::int64_t shift = kw * c.dilation_w / c.stride_w;
    T* const mask = masks + static_cast<std::int64_t>(offset.size()) * p.pitch;
    std::fill_n(mask, p.pitch, T{0});
    std::memset(mask + shift, 255, static_cast<std::size_t>(c.out_w) * sizeof(T));
    offset.push_back(kw * tile.pitch - shift);
  }

  // Each vector of the plane rows becomes add(itself, its patches), one kernel row after the other.
  template <class Add>
  HWY_INLINE void add_rows(const T* patches, T* planes, const Add& add) const {
    const std::int64_t* const rows = plane_row.data();
    for (std::int64_t kh = 0; kh < c.kernel_h; ++kh, patches += c.kernel_w * tile.pitch) {
      T* to = planes + rows[kh];
      const T* from = patches;
      for (std::int64_t row = 0; row < tile.rows; ++row, from += c.out_w, to += p.pitch) {
        hn::StoreU(add(hn::LoadU(D(), to), from), D(), to);
      }
    }
  }

  // Few taps, whose masks stay in registers.
  template <std::size_t... t>
  HWY_INLINE void add_few(const std::int64_t* offsets, const T* mask, const T* patches, T* planes,
                          std::index_sequence<t...>) const {
    const hn::Vec<D> lanes[] = {hn::LoadU(D(), mask + static_cast<std::int64_t>(t) * p.pitch)...};
    const std::int64_t places[] = {offsets[t]...};
    add_rows(patches, planes, [&](hn::Vec<D> sum, const T* from) HWY_ATTR {
      ((sum = hn::Add(sum, hn::And(lanes[t], hn::LoadU(D(), from + places[t])))), ...);
      return sum;
    });
  }

  void add_taps(std::int64_t first, std::int64_t count, const T* mask, const T* patches,
                T* planes) const {
    const std::int64_t* const offsets = offset.data() + first;
    mask += first * p.pitch;
    if (count == 1) return add_few(offsets, mask, patches, planes, std::make_index_sequence<1>());
    if (count == 2) return add_few(offsets, mask, patches, planes, std::make_index_sequence<2>());
    if (count == 3) return add_few(offsets, mask, patches, planes, std::make_index_sequence<3>());
    add_rows(patches, planes, [&](hn::Vec<D> sum, const T* from) HWY_ATTR {
      for (std::int64_t t = 0; t < count; ++t) {
        const auto lanes = hn::LoadU(D(), mask + t * p.pitch);
        sum = hn::Add(sum, hn::And(lanes, hn::LoadU(D(), from + offsets[t])));
      }
      return sum;
    });
  }

  void run(const T* patches, T* planes) const {
    std::fill_n(planes, p.elements, T{0});
    for (std::size_t w = 0; w + 1 < begin.size(); ++w, planes += p.plane) {
      for (std::int64_t t = begin[w]; t < begin[w + 1]; t += kTaps) {
        const std::int64_t count = std::min(kTaps, begin[w + 1] - t);
        for (std::int64_t i = 0; i < p.pitch; i += kLanes<D>) {
          add_taps(t, count, masks + i, patches + i, planes + i);
        }
      }
    }
  }
};

template <bool kAdd, class D, class T>
HWY_INLINE void put(D d, hn::Vec<D> v, std::int64_t n, T* x) {
  if constexpr (kAdd) v = hn::Add(load_first(d, x, n), v);
  store_first(d, v, n, x);
}

// Even and odd places of n numbers from two rows.
template <bool kAdd, class T>
HWY_INLINE void merge_row(const T* even, const T* odd, std::int64_t n, T* x) {
  const HalfTag<T> d;
  constexpr std::int64_t kN = kLanes<HalfTag<T>>;
  for (std::int64_t i = 0; i < n; i += 2 * kN) {
    auto low = hn::LoadU(d, even + i / 2);
    auto high = hn::LoadU(d, odd + i / 2);
    if constexpr (kN > 1) {
      const auto a = low, b = high;
      low = InterleaveLower(d, a, b);
      high = InterleaveUpper(d, a, b);
      if constexpr (kN * sizeof(T) == 32) {
        const auto blocks = low;
        low = ConcatLowerLower(d, high, blocks);
        high = ConcatUpperUpper(d, high, blocks);
      }
    }
    put<kAdd>(d, low, n - i, x + i);
    put<kAdd>(d, high, n - i - kN, x + i + kN);
  }
}

template <bool kAdd, class T>
void join_planes(const Conv2d& c, const PatchPlanes& p, const T* planes, T* x) {
  const hn::ScalableTag<T> d;
  const std::int64_t n = p.last_w - p.first_w;
  const std::int64_t column = p.first_w + p.shift_w;
  PlaneRow row(c, p, p.first_h + p.shift_h);
  for (std::int64_t h = p.first_h; h < p.last_h; ++h, row.advance()) {
    T* to = x + h * c.in_w + p.first_w;
    const T* from = planes + row.offset();
    if (c.stride_w == 1) {
      for (std::int64_t i = 0; i < n; i += kLanes<decltype(d)>)
        put<kAdd>(d, hn::LoadU(d, from + column + i), n - i, to + i);
    } else if (c.stride_w == 2) {
      merge_row<kAdd>(from + column % 2 * p.plane + column / 2,
                      from + (column + 1) % 2 * p.plane + (column + 1) / 2, n, to);
    } else {
      for (std::int64_t i = 0; i < n; ++i) {
        const T sum = from[(column + i) % c.stride_w * p.plane + (column + i) / c.stride_w];
        to[i] = kAdd ? to[i] + sum : sum;
      }
    }
  }
}

// What no patch reaches.
template <class T>
void clear_border(const Conv2d& c, const PatchPlanes& p, T* x) {
  if (p.first_h == 0 && p.last_h == c.in_h && p.first_w == 0 && p.last_w == c.in_w) return;
  std::fill_n(x, c.in_h * c.in_w, T{0});
}

template <class T>
void scatter(const Conv2d& c, const PatchTile& tile, const T* patches, bool add, T* planes, T* x) {
  const PatchPlanes p(c, tile.row, tile.rows);
  const TapSums<T> sums(c, p, tile, planes + p.elements);
  for (std::int64_t image = 0; image < tile.images; ++image) {
    for (std::int64_t channel = 0; channel < tile.channels; ++channel) {
      const std::int64_t to = (tile.image + image) * c.in_channels + tile.channel + channel;
      T* const plane = x + to * c.in_h * c.in_w;
      sums.run(
          patches + channel * c.kernel_h * c.kernel_w * tile.pitch + image * tile.rows * c.out_w,
          planes);
      if (add) {
        join_planes<true>(c, p, planes, plane);
      } else {
        clear_border(c, p, plane);
        join_planes<false>(c, p, planes, plane);
      }
    }
  }
}

void gather_f32(const Conv2d& c, const PatchTile& tile, const float* x, float* planes,
                float* patches) {
  gather(c, tile, x, planes, patches);
}
void gather_f64(const Conv2d& c, const PatchTile& tile, const double* x, double* planes,
                double* patches) {
  gather(c, tile, x, planes, patches);
}
void scatter_f32(const Conv2d& c, const PatchTile& tile, const float* patches, bool add,
                 float* planes, float* x) {
  scatter(c, tile, patches, add, planes, x);
}
void scatter_f64(const Conv2d& c, const PatchTile& tile, const double* patches, bool add,
                 double* planes, double* x) {
  scatter(c, tile, patches, add, planes, x);
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {

HWY_EXPORT(gather_f32);
HWY_EXPORT(gather_f64);
HWY_EXPORT(scatter_f32);
HWY_EXPORT(scatter_f64);

namespace {

constexpr std::int64_t kUnit = 16;  // lanes of the widest vector

}  // namespace

PatchPlanes::PatchPlanes(const Conv2d& c, std::int64_t row, std::int64_t rows)
    : height((rows - 1) * c.stride_h + (c.kernel_h - 1) * c.dilation_h + 1),
      width((c.out_w - 1) * c.stride_w + (c.kernel_w - 1) * c.dilation_w + 1),
      pitch(divide_up(width, c.stride_w * kUnit) * kUnit),
      plane(divide_up(height, c.stride_h) * pitch + kUnit),
      elements(c.stride_h * c.stride_w * plane + kUnit),
      masks(c.kernel_w * pitch),
      slack(pitch + kUnit),
      shift_h(c.pad_top - row * c.stride_h),
      shift_w(c.pad_left),
      first_h(std::clamp<std::int64_t>(-shift_h, 0, c.in_h)),
      last_h(std::clamp(height - shift_h, first_h, c.in_h)),
      first_w(std::clamp<std::int64_t>(-shift_w, 0, c.in_w)),
      last_w(std::clamp(width - shift_w, first_w, c.in_w)) {}

void gather_patches(const Conv2d& conv, const PatchTile& tile, const float* x, float* planes,
                    float* patches) {
  HWY_DYNAMIC_DISPATCH(gather_f32)(conv, tile, x, planes, patches);
}
void gather_patches(const Conv2d& conv, const PatchTile& tile, const double* x, double* planes,
                    double* patches) {
  HWY_DYNAMIC_DISPATCH(gather_f64)(conv, tile, x, planes, patches);
}
void scatter_patches(const Conv2d& conv, const PatchTile& tile, const float* patches, bool add,
                     float* planes, float* x) {
  HWY_DYNAMIC_DISPATCH(scatter_f32)(conv, tile, patches, add, planes, x);
}
void scatter_patches(const Conv2d& conv, const PatchTile& tile, const double* patches, bool add,
                     double* planes, double* x) {
  HWY_DYNAMIC_DISPATCH(scatter_f64)(conv, tile, patches, add, planes, x);
}

}  // namespace hourglass::kernels::internal
#endif
