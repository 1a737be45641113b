#include <cstdint>

#include "tensor/kernels/reduce/reduce.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/reduce/reduce_columns.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"
#include "tensor/kernels/reduce/reduce-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {

constexpr std::int64_t kRows = 16;  // rows of one pass
constexpr std::int64_t kInRegisters =
    8;                          // joined at once: more streams of memory collide in the L1
constexpr int kPassLevels = 5;  // passes in a block: at most 2^4
static_assert(kColumnBlock <= kRows << (kPassLevels - 1));

template <class T>
constexpr std::int64_t kTile = kColumnTileBytes / sizeof(T);

// body(i, load, store) for each vector of columns, which begins at column i: load(p) and store(v,
// p) take a whole vector or, at the end, the part of it that there is.
template <class T, class Body>
HWY_INLINE void for_each_vector(std::int64_t columns, Body body) {
  const hn::ScalableTag<T> d;
  const std::int64_t width = static_cast<std::int64_t>(hn::Lanes(d));
  std::int64_t i = 0;
  for (; i + width <= columns; i += width) {
    body(
        i, [d](const T* p) HWY_ATTR { return hn::LoadU(d, p); },
        [d](auto v, T* p) HWY_ATTR { hn::StoreU(v, d, p); });
  }
  if (i == columns) return;
  const std::int64_t rest = columns - i;
  body(
      i, [d, rest](const T* p) HWY_ATTR { return load_first(d, p, rest, T{}); },
      [d, rest](auto v, T* p) HWY_ATTR { store_first(d, v, rest, p); });
}

template <class Op, std::int64_t kCount, class D, class Row>
HWY_INLINE hn::Vec<D> join_tree(D d, std::int64_t first, Row row) {
  if constexpr (kCount == 1) {
    return row(first);
  } else {
    return Op::join(d, join_tree<Op, kCount / 2>(d, first, row),
                    join_tree<Op, kCount / 2>(d, first + kCount / 2, row));
  }
}

// y[i] = the join of n <= 8 rows at column i, of 8 two by two, of fewer in order; joined to what
// y[i] holds if `onto`.
template <class Op, class T>
void join_rows(const T* x, std::int64_t stride, std::int64_t n, std::int64_t columns, bool onto,
               T* y) {
  const hn::ScalableTag<T> d;
  for_each_vector<T>(columns, [=](std::int64_t i, auto load, auto store) HWY_ATTR {
    const auto row = [=](std::int64_t r) HWY_ATTR { return load(x + r * stride + i); };
    hn::Vec<decltype(d)> sum;
    if (n == kInRegisters) {
      sum = join_tree<Op, kInRegisters>(d, 0, row);
    } else {
      sum = row(0);
      for (std::int64_t r = 1; r < n; ++r) sum = Op::join(d, sum, row(r));
    }
    store(onto ? Op::join(d, load(y + i), sum) : sum, y + i);
  });
}

// The same for n <= kRows rows.
template <class Op, class T>
void join_pass(const T* x, std::int64_t stride, std::int64_t n, std::int64_t columns, T* y) {
  for (std::int64_t r = 0; r < n; r += kInRegisters) {
    join_rows<Op>(x + r * stride, stride, std::min(kInRegisters, n - r), columns, r > 0, y);
  }
}

// y = the join of a and y, column by column.
template <class Op, class T>
void join_into(const T* a, std::int64_t columns, T* y) {
  const hn::ScalableTag<T> d;
  for_each_vector<T>(columns, [=](std::int64_t i, auto load, auto store) HWY_ATTR {
    store(Op::join(d, load(a + i), load(y + i)), y + i);
  });
}

// Passes are joined as a binary counter carries: level l holds the join of 2^l of them.
template <class Op, class T>
void reduce_columns(const ColumnBlock& block, const T* x, T* y) {
  const std::int64_t passes = (block.n + kRows - 1) / kRows;
  HWY_ALIGN T levels[kPassLevels][kTile<T>];
  for (std::int64_t pass = 0; pass < passes; ++pass) {
    const std::int64_t first = pass * kRows;
    const bool carries = (pass & 1) != 0 || pass + 1 == passes;
    join_pass<Op>(x + first * block.stride, block.stride, std::min(kRows, block.n - first),
                  block.columns, carries ? y : levels[0]);
    if (!carries) continue;
    int level = 0;
    for (; (pass >> level & 1) != 0; ++level) join_into<Op>(levels[level], block.columns, y);
    if (pass + 1 < passes) std::copy_n(y, block.columns, levels[level]);
  }
  // y holds the last carry; the levels above it wait.
  const std::int64_t waiting = passes & (passes - 1);
  for (int level = 0; waiting >> level != 0; ++level) {
    if ((waiting >> level & 1) != 0) join_into<Op>(levels[level], block.columns, y);
  }
}

// The extremes so far and the rows they were found in, kept in registers for 8 rows at a time.
template <class Op, class T>
void find_extremes(const ColumnBlock& block, const T* x, std::int32_t* y) {
  constexpr std::int64_t kAtOnce = 8;
  const hn::ScalableTag<T> d;
  HWY_ALIGN T best[kTile<T>];
  HWY_ALIGN T where[kTile<T>];  // row numbers: small enough to be exact in every type
  std::copy_n(x, block.columns, best);
  std::fill_n(where, block.columns, T{0});
  for (std::int64_t first = 1; first < block.n; first += kAtOnce) {
    const std::int64_t last = std::min(block.n, first + kAtOnce);
    for_each_vector<T>(block.columns, [&](std::int64_t i, auto load, auto store) HWY_ATTR {
      auto extreme = load(best + i);
      auto number = load(where + i);
      for (std::int64_t r = first; r < last; ++r) {
        const auto value = load(x + r * block.stride + i);
        auto replaces = Op::replaces(d, extreme, value);
        if constexpr (std::is_floating_point_v<T>) {
          replaces = hn::AndNot(hn::IsNaN(extreme), replaces);
        }
        extreme = hn::IfThenElse(replaces, value, extreme);
        number = hn::IfThenElse(replaces, hn::Set(d, static_cast<T>(r)), number);
      }
      store(extreme, best + i);
      store(number, where + i);
    });
  }
  std::transform(where, where + block.columns, y, [](T r) { return static_cast<std::int32_t>(r); });
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
