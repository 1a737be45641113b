#include <algorithm>
#include <cstdint>

#include "tensor/kernels/conv/conv.h"
#include "tensor/kernels/divide_up.h"

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

template <class T>
void fill_planes(const Conv2d& c, const PatchPlanes& p, const T* x, T* planes) {
  std::fill_n(planes, p.elements, T{0});
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

constexpr std::int64_t kTaps = 16;  // taps of a kernel row that are summed in one pass

// Taps of one kernel row that fall on one plane: where each one's run starts in the matrix, and
// which lanes of a vector at plane column i lie within its run.
template <class T>
struct RowTaps {
  std::int64_t count = 0;
  std::int64_t offset[kTaps];  // to the element that belongs to plane column 0
  std::int64_t shift[kTaps];   // the plane column of the run's first element
  HWY_ALIGN T masks[kTaps][64 / sizeof(T)];

  void set_masks(std::int64_t column, std::int64_t run) {
    const hn::ScalableTag<T> d;
    constexpr std::int64_t kN = kLanes<decltype(d)>;
    for (std::int64_t t = 0; t < count; ++t) {
      const auto first =
          static_cast<std::size_t>(std::clamp<std::int64_t>(shift[t] - column, 0, kN));
      const auto last =
          static_cast<std::size_t>(std::clamp<std::int64_t>(shift[t] + run - column, 0, kN));
      hn::StoreU(hn::AndNot(hn::VecFromMask(d, hn::FirstN(d, first)),
                            hn::VecFromMask(d, hn::FirstN(d, last))),
                 d, masks[t]);
    }
  }
};

// The next taps, from kw on, whose plane has column residue `residue`; returns the first kw not
// looked at.
template <class T>
std::int64_t find_taps(const Conv2d& c, const PatchTile& tile, std::int64_t residue,
                       std::int64_t kw, RowTaps<T>& taps) {
  taps.count = 0;
  for (; kw < c.kernel_w && taps.count < kTaps; ++kw) {
    if (kw * c.dilation_w % c.stride_w != residue) continue;
    const std::int64_t shift = kw * c.dilation_w / c.stride_w;
    taps.shift[taps.count] = shift;
    taps.offset[taps.count++] = kw * tile.pitch - shift;
  }
  return kw;
}

// Adds the taps to plane column [column, column + a vector) of every plane row.
template <class T>
HWY_INLINE void add_taps(const Conv2d& c, const PatchPlanes& p, const PatchTile& tile,
                         const RowTaps<T>& taps, std::int64_t column, const T* patches, T* planes) {
  const hn::ScalableTag<T> d;
  for (std::int64_t kh = 0; kh < c.kernel_h; ++kh) {
    const std::int64_t h = kh * c.dilation_h;
    const T* from = patches + kh * c.kernel_w * tile.pitch + column;
    T* to = planes + h % c.stride_h * c.stride_w * p.plane + h / c.stride_h * p.pitch + column;
    for (std::int64_t row = 0; row < tile.rows; ++row, from += c.out_w, to += p.pitch) {
      auto sum = hn::LoadU(d, to);
      for (std::int64_t t = 0; t < taps.count; ++t) {
        sum =
            hn::Add(sum, hn::And(hn::LoadU(d, taps.masks[t]), hn::LoadU(d, from + taps.offset[t])));
      }
      hn::StoreU(sum, d, to);
    }
  }
}

template <class T>
void sum_taps(const Conv2d& c, const PatchPlanes& p, const PatchTile& tile, const T* patches,
              T* planes) {
  const hn::ScalableTag<T> d;
  std::fill_n(planes, p.elements, T{0});
  RowTaps<T> taps;
  for (std::int64_t residue = 0; residue < c.stride_w; ++residue) {
    for (std::int64_t kw = 0; kw < c.kernel_w;) {
      kw = find_taps(c, tile, residue, kw, taps);
      if (taps.count == 0) continue;
      for (std::int64_t column = 0; column < p.pitch; column += kLanes<decltype(d)>) {
        taps.set_masks(column, c.out_w);
        add_taps(c, p, tile, taps, column, patches, planes + residue * p.plane);
      }
    }
  }
}

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
  for (std::int64_t image = 0; image < tile.images; ++image) {
    for (std::int64_t channel = 0; channel < tile.channels; ++channel) {
      const std::int64_t to = (tile.image + image) * c.in_channels + tile.channel + channel;
      T* const plane = x + to * c.in_h * c.in_w;
      sum_taps(
          c, p, tile,
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
