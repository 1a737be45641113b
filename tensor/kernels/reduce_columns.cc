#include <cstdint>

#include "tensor/kernels/reduce.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/reduce_columns.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "tensor/kernels/reduce-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

constexpr std::int64_t kRows = 8;  // rows that one pass joins in registers
constexpr int kLevels = 7;         // passes in a block: at most 2^6
static_assert(kColumnBlock <= kRows << (kLevels - 1));

template <class T>
constexpr std::int64_t kTile = kColumnTileBytes / sizeof(T);

// y[i] = the join of n <= 8 rows at column i: of 8 two by two, of fewer in order.
template <class Op, class T>
void join_rows(const T* x, std::int64_t stride, std::int64_t n, std::int64_t columns, T* y) {
  const hn::ScalableTag<T> d;
  const std::int64_t width = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < columns; i += width) {
    const auto row = [&](std::int64_t r)
                         HWY_ATTR { return load_first(d, x + r * stride + i, columns - i, T{}); };
    auto sum = row(0);
    if (n == kRows) {
      const auto lower = Op::join(d, Op::join(d, sum, row(1)), Op::join(d, row(2), row(3)));
      const auto upper = Op::join(d, Op::join(d, row(4), row(5)), Op::join(d, row(6), row(7)));
      sum = Op::join(d, lower, upper);
    } else {
      for (std::int64_t r = 1; r < n; ++r) sum = Op::join(d, sum, row(r));
    }
    store_first(d, sum, columns - i, y + i);
  }
}

// y = the join of a and y, column by column.
template <class Op, class T>
void join_into(const T* a, std::int64_t columns, T* y) {
  const hn::ScalableTag<T> d;
  const std::int64_t width = static_cast<std::int64_t>(hn::Lanes(d));
  for (std::int64_t i = 0; i < columns; i += width) {
    const auto left = load_first(d, a + i, columns - i, T{});
    const auto right = load_first(d, y + i, columns - i, T{});
    store_first(d, Op::join(d, left, right), columns - i, y + i);
  }
}

// Passes are joined as a binary counter carries: level l holds the join of 2^l of them.
template <class Op, class T>
void reduce_columns(const ColumnBlock& block, const T* x, T* y) {
  if (block.n <= kRows) return join_rows<Op>(x, block.stride, block.n, block.columns, y);
  HWY_ALIGN T levels[kLevels][kTile<T>];
  std::int64_t passes = 0;
  for (std::int64_t r = 0; r < block.n; r += kRows, ++passes) {
    join_rows<Op>(x + r * block.stride, block.stride, std::min(kRows, block.n - r), block.columns,
                  y);
    int level = 0;
    for (; (passes >> level & 1) != 0; ++level) join_into<Op>(levels[level], block.columns, y);
    if (r + kRows < block.n) std::copy_n(y, block.columns, levels[level]);
  }
  // y holds the last carry; the levels above it wait.
  std::int64_t waiting = passes & (passes - 1);
  for (int level = 0; waiting >> level != 0; ++level) {
    if ((waiting >> level & 1) != 0) join_into<Op>(levels[level], block.columns, y);
  }
}

template <class Op, class T>
void find_extremes(const ColumnBlock& block, const T* x, std::int32_t* y) {
  const hn::ScalableTag<T> d;
  const std::int64_t width = static_cast<std::int64_t>(hn::Lanes(d));
  HWY_ALIGN T best[kTile<T>];
  HWY_ALIGN T where[kTile<T>];  // row numbers: below 512, exact in every type
  std::copy_n(x, block.columns, best);
  std::fill_n(where, block.columns, T{0});
  for (std::int64_t r = 1; r < block.n; ++r) {
    const T* row = x + r * block.stride;
    const auto number = hn::Set(d, static_cast<T>(r));
    for (std::int64_t i = 0; i < block.columns; i += width) {
      const auto value = load_first(d, row + i, block.columns - i, T{});
      const auto old = hn::Load(d, best + i);
      auto replaces = Op::replaces(d, old, value);
      if constexpr (std::is_floating_point_v<T>) replaces = hn::AndNot(hn::IsNaN(old), replaces);
      hn::Store(hn::IfThenElse(replaces, value, old), d, best + i);
      hn::Store(hn::IfThenElse(replaces, number, hn::Load(d, where + i)), d, where + i);
    }
  }
  for (std::int64_t i = 0; i < block.columns; ++i) y[i] = static_cast<std::int32_t>(where[i]);
}

template <class T>
void reduce_columns_of(Reduction reduction, const ColumnBlock& block, const T* x, void* y) {
  switch (reduction) {
    case Reduction::kSum:
      return reduce_columns<SumOp>(block, x, static_cast<T*>(y));
    case Reduction::kProd:
      return reduce_columns<ProdOp>(block, x, static_cast<T*>(y));
    case Reduction::kMax:
      return reduce_columns<ExtremeOp<true>>(block, x, static_cast<T*>(y));
    case Reduction::kMin:
      return reduce_columns<ExtremeOp<false>>(block, x, static_cast<T*>(y));
    case Reduction::kArgmax:
      return find_extremes<ExtremeOp<true>>(block, x, static_cast<std::int32_t*>(y));
    case Reduction::kArgmin:
      return find_extremes<ExtremeOp<false>>(block, x, static_cast<std::int32_t*>(y));
  }
}

void columns_f32(Reduction reduction, const ColumnBlock& block, const void* x, void* y) {
  reduce_columns_of(reduction, block, static_cast<const float*>(x), y);
}
void columns_f64(Reduction reduction, const ColumnBlock& block, const void* x, void* y) {
  reduce_columns_of(reduction, block, static_cast<const double*>(x), y);
}
void columns_i32(Reduction reduction, const ColumnBlock& block, const void* x, void* y) {
  reduce_columns_of(reduction, block, static_cast<const std::int32_t*>(x), y);
}

}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {

HWY_EXPORT(columns_f32);
HWY_EXPORT(columns_f64);
HWY_EXPORT(columns_i32);

void reduce_column_block(Reduction reduction, DType dtype, const ColumnBlock& block, const void* x,
                         void* y) {
  switch (dtype) {
    case DType::kF32:
      return HWY_DYNAMIC_DISPATCH(columns_f32)(reduction, block, x, y);
    case DType::kF64:
      return HWY_DYNAMIC_DISPATCH(columns_f64)(reduction, block, x, y);
    default:
      return HWY_DYNAMIC_DISPATCH(columns_i32)(reduction, block, x, y);
  }
}

}  // namespace hourglass::kernels::internal
#endif
