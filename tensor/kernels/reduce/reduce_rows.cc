#include <cstdint>

#include "tensor/kernels/reduce/reduce.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/reduce/reduce_rows.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"
#include "tensor/kernels/reduce/reduce-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

// 16 logical lanes in f32 and i32, 8 in f64, as one vector of 64 bytes or several narrower ones.
template <class T>
constexpr std::int64_t kLogicalLanes = 64 / sizeof(T);

template <class T>
using Tag = hn::CappedTag<T, kLogicalLanes<T>>;

template <class T>
constexpr std::int64_t kVectors = kLogicalLanes<T> /
                                  static_cast<std::int64_t>(hn::MaxLanes(Tag<T>()));

constexpr std::int64_t kStreams = 4;  // independent sums that hide the latency of an addition

template <class T>
constexpr std::int64_t kChunk = 64 * kLogicalLanes<T>;
constexpr int kChunkLevels = 8;  // chunks in a block: at most 2^7
static_assert(kRowBlock <= kChunk<double> << (kChunkLevels - 1));

template <class T>
struct Lanes {
  hn::Vec<Tag<T>> v[kVectors<T>];
};

template <class Op, class T>
HWY_INLINE void join(Lanes<T>& a, const Lanes<T>& b) {
  for (std::int64_t k = 0; k < kVectors<T>; ++k) a.v[k] = Op::join(Tag<T>(), a.v[k], b.v[k]);
}

// The next `count` elements, all of them or padded with the identity.
template <class Op, bool kWhole, class T>
HWY_INLINE Lanes<T> load_lanes(const T* x, std::int64_t count) {
  const Tag<T> d;
  constexpr std::int64_t kWidth = static_cast<std::int64_t>(hn::MaxLanes(Tag<T>()));
  Lanes<T> lanes;
  for (std::int64_t k = 0; k < kVectors<T>; ++k) {
    if constexpr (kWhole) {
      lanes.v[k] = hn::LoadU(d, x + k * kWidth);
    } else {
      lanes.v[k] = load_first(d, x + k * kWidth, count - k * kWidth, Op::template identity<T>());
    }
  }
  return lanes;
}

// One chunk: vector j of it goes to stream j mod 4, and the streams are joined two by two.
template <class Op, class T>
HWY_INLINE Lanes<T> reduce_chunk(const T* x, std::int64_t n) {
  constexpr std::int64_t kL = kLogicalLanes<T>;
  if (n <= kL) return load_lanes<Op, false>(x, n);
  Lanes<T> streams[kStreams];
  for (std::int64_t s = 0; s < kStreams; ++s)
    streams[s] = load_lanes<Op, false>(x + s * kL, n - s * kL);
  std::int64_t i = kStreams * kL;
  for (; i + kStreams * kL <= n; i += kStreams * kL) {
    for (std::int64_t s = 0; s < kStreams; ++s)
      join<Op>(streams[s], load_lanes<Op, true>(x + i + s * kL, kL));
  }
  if (i < n) {
    for (std::int64_t s = 0; s < kStreams; ++s)
      join<Op>(streams[s], load_lanes<Op, false>(x + i + s * kL, n - i - s * kL));
  }
  join<Op>(streams[0], streams[1]);
  join<Op>(streams[2], streams[3]);
  join<Op>(streams[0], streams[2]);
  return streams[0];
}

// Lane i meets lane i + half, again and again: the same tree on any vector width.
template <class Op, class D>
HWY_INLINE hn::TFromD<D> fold_vector([[maybe_unused]] D d, hn::Vec<D> v) {
  if constexpr (hn::MaxLanes(D()) == 1) {
    return hn::GetLane(v);
  } else {
    const hn::Half<D> half;
    return fold_vector<Op>(half, Op::join(half, LowerHalf(half, v), UpperHalf(half, v)));
  }
}

template <class Op, class T>
HWY_INLINE T fold_lanes(Lanes<T> lanes) {
  for (std::int64_t half = kVectors<T> / 2; half > 0; half /= 2) {
    for (std::int64_t k = 0; k < half; ++k)
      lanes.v[k] = Op::join(Tag<T>(), lanes.v[k], lanes.v[k + half]);
  }
  return fold_vector<Op>(Tag<T>(), lanes.v[0]);
}

// Chunks are joined as a binary counter carries: level l holds the join of 2^l of them. What a chunk compiles to is
// long, so it stands here once.
template <class Op, class T>
T reduce_block(const T* x, std::int64_t n) {
  Lanes<T> levels[kChunkLevels];
  std::int64_t chunks = 0;
  for (std::int64_t i = 0; i == 0 || i < n; i += kChunk<T>, ++chunks) {
    Lanes<T> sum = reduce_chunk<Op>(x + i, std::min(kChunk<T>, n - i));
    if (n <= kChunk<T>) return fold_lanes<Op>(sum);
    int level = 0;
    for (; (chunks >> level & 1) != 0; ++level) {
      join<Op>(levels[level], sum);
      sum = levels[level];
    }
    levels[level] = sum;
  }
  int top = 0;
  while (chunks >> (top + 1) != 0) ++top;
  Lanes<T> sum = levels[top];
  while (--top >= 0) {
    if ((chunks >> top & 1) != 0) join<Op>(sum, levels[top]);
  }
  return fold_lanes<Op>(sum);
}

// Whole vectors of rows of 2, 3 or 4 numbers that lie one after the other: what the tree makes of
// them. Returns how many.
template <class Op, class T>
std::int64_t reduce_short_rows(const RowBlocks& blocks, const T* x, T* y) {
  const Tag<T> d;
  constexpr auto kRows = static_cast<std::int64_t>(hn::MaxLanes(Tag<T>()));
  hn::Vec<Tag<T>> a, b, c, e;
  std::int64_t r = 0;
  if (blocks.stride != blocks.n) return r;
  for (; blocks.n == 2 && r + kRows <= blocks.rows; r += kRows) {
    hn::LoadInterleaved2(d, x + 2 * r, a, b);
    hn::StoreU(Op::join(d, a, b), d, y + r);
  }
  for (; blocks.n == 3 && r + kRows <= blocks.rows; r += kRows) {
    hn::LoadInterleaved3(d, x + 3 * r, a, b, c);
    hn::StoreU(Op::join(d, Op::join(d, a, c), b), d, y + r);
  }
  for (; blocks.n == 4 && r + kRows <= blocks.rows; r += kRows) {
    hn::LoadInterleaved4(d, x + 4 * r, a, b, c, e);
    hn::StoreU(Op::join(d, Op::join(d, a, c), Op::join(d, b, e)), d, y + r);
  }
  return r;
}

template <class Op, class T>
void reduce_rows(const RowBlocks& blocks, const T* x, T* y) {
  for (std::int64_t r = reduce_short_rows<Op>(blocks, x, y); r < blocks.rows; ++r)
    y[r] = reduce_block<Op>(x + r * blocks.stride, blocks.n);
}

// The extreme of each chunk says which chunk to search; the first of equals is in the first such
// chunk.
template <class Op, class T>
std::int32_t find_extreme(const T* x, std::int64_t n) {
  T best{};
  std::int64_t where = 0;
  const hn::CappedTag<T, 1> one;
  for (std::int64_t i = 0; i < n && !(i > 0 && is_nan(best)); i += kChunk<T>) {
    const T value = reduce_block<Op>(x + i, std::min(kChunk<T>, n - i));
    if (i == 0 || hn::AllTrue(one, Op::replaces(one, hn::Set(one, best), hn::Set(one, value)))) {
      best = value;
      where = i;
    }
  }
  while (is_nan(best) ? !is_nan(x[where]) : x[where] != best) ++where;
  return static_cast<std::int32_t>(where);
}

template <class Op, class T>
void find_extremes(const RowBlocks& blocks, const T* x, std::int32_t* y) {
  for (std::int64_t r = 0; r < blocks.rows; ++r)
    y[r] = find_extreme<Op>(x + r * blocks.stride, blocks.n);
}

template <class T>
void reduce_rows_of(Reduction reduction, const RowBlocks& blocks, const T* x, void* y) {
  switch (reduction) {
    case Reduction::kSum:
      return reduce_rows<SumOp>(blocks, x, static_cast<T*>(y));
    case Reduction::kProd:
      return reduce_rows<ProdOp>(blocks, x, static_cast<T*>(y));
    case Reduction::kMax:
      return reduce_rows<ExtremeOp<true>>(blocks, x, static_cast<T*>(y));
    case Reduction::kMin:
      return reduce_rows<ExtremeOp<false>>(blocks, x, static_cast<T*>(y));
    case Reduction::kArgmax:
      return find_extremes<ExtremeOp<true>>(blocks, x, static_cast<std::int32_t*>(y));
    case Reduction::kArgmin:
      return find_extremes<ExtremeOp<false>>(blocks, x, static_cast<std::int32_t*>(y));
  }
}

void rows_f32(Reduction reduction, const RowBlocks& blocks, const void* x, void* y) {
  reduce_rows_of(reduction, blocks, static_cast<const float*>(x), y);
}
void rows_f64(Reduction reduction, const RowBlocks& blocks, const void* x, void* y) {
  reduce_rows_of(reduction, blocks, static_cast<const double*>(x), y);
}
void rows_i32(Reduction reduction, const RowBlocks& blocks, const void* x, void* y) {
  reduce_rows_of(reduction, blocks, static_cast<const std::int32_t*>(x), y);
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {

HWY_EXPORT(rows_f32);
HWY_EXPORT(rows_f64);
HWY_EXPORT(rows_i32);

void reduce_row_blocks(Reduction reduction, DType dtype, const RowBlocks& blocks, const void* x,
                       void* y) {
  switch (dtype) {
    case DType::kF32:
      return HWY_DYNAMIC_DISPATCH(rows_f32)(reduction, blocks, x, y);
    case DType::kF64:
      return HWY_DYNAMIC_DISPATCH(rows_f64)(reduction, blocks, x, y);
    default:
      return HWY_DYNAMIC_DISPATCH(rows_i32)(reduction, blocks, x, y);
  }
}

}  // namespace hourglass::kernels::internal
#endif
