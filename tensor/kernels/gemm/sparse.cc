// Products of a sparse matrix, given by rows, and a dense one.

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>

#include "tensor/error.h"
#include "tensor/kernels.h"
#include "tensor/kernels/divide_up.h"
#include "tensor/kernels/move/check_indices.h"
#include "tensor/kernels/move/strided_copy.h"
#include "tensor/kernels/scratch.h"
#include "tensor/parallel.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/gemm/sparse.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using internal::HWY_NAMESPACE::load_first;
using internal::HWY_NAMESPACE::store_first;

// A panel is a few columns of the dense matrix, one cache line of each row: of 20,000 rows it fits
// into an L2 cache, where the entries of S find them in any order.
template <class T>
constexpr std::int64_t kPanelColumns = 64 / sizeof(T);

template <class T>
constexpr std::int64_t kVectorLanes = hn::MaxLanes(hn::ScalableTag<T>());

// y [rows, columns], of rows `stride` apart, = S panel.
template <class T>
void multiply_panel(const SparseRows& s, const void* values, const void* panel,
                    std::int64_t columns, std::int64_t stride, void* y) {
  constexpr std::int64_t kLanes = kVectorLanes<T>, kVectors = kPanelColumns<T> / kLanes;
  const hn::ScalableTag<T> d;
  const T* value = static_cast<const T*>(values);
  for (std::int64_t i = 0; i < s.rows; ++i) {
    hn::Vec<decltype(d)> sum[kVectors];
    for (auto& part : sum) part = hn::Zero(d);
    for (std::int64_t p = s.starts[i]; p < s.starts[i + 1]; ++p) {
      const auto v = hn::Set(d, value[p]);
      const T* row = static_cast<const T*>(panel) + s.columns[p] * kPanelColumns<T>;
      for (std::int64_t k = 0; k < kVectors; ++k) {
        sum[k] = hn::MulAdd(v, hn::Load(d, row + k * kLanes), sum[k]);
      }
    }
    T* to = static_cast<T*>(y) + i * stride;
    for (std::int64_t k = 0; k < kVectors; ++k) {
      store_first(d, sum[k], columns - k * kLanes, to + k * kLanes);
    }
  }
}

// panel += S' a, of which a [rows, columns] has rows `stride` apart.
template <class T>
void add_to_panel(const SparseRows& s, const void* values, const void* a, std::int64_t columns,
                  std::int64_t stride, void* panel) {
  constexpr std::int64_t kLanes = kVectorLanes<T>, kVectors = kPanelColumns<T> / kLanes;
  const hn::ScalableTag<T> d;
  const T* value = static_cast<const T*>(values);
  for (std::int64_t i = 0; i < s.rows; ++i) {
    const T* from = static_cast<const T*>(a) + i * stride;
    hn::Vec<decltype(d)> number[kVectors];
    for (std::int64_t k = 0; k < kVectors; ++k) {
      number[k] = load_first(d, from + k * kLanes, columns - k * kLanes);
    }
    for (std::int64_t p = s.starts[i]; p < s.starts[i + 1]; ++p) {
      const auto v = hn::Set(d, value[p]);
      T* row = static_cast<T*>(panel) + s.columns[p] * kPanelColumns<T>;
      for (std::int64_t k = 0; k < kVectors; ++k) {
        T* to = row + k * kLanes;
        hn::Store(hn::MulAdd(v, number[k], hn::Load(d, to)), d, to);
      }
    }
  }
}

using PanelFunction = void (*)(const SparseRows& s, const void* values, const void* from,
                               std::int64_t columns, std::int64_t stride, void* to);
PanelFunction find_multiply_panel(DType dtype) {
  return dtype == DType::kF32 ? &multiply_panel<float> : &multiply_panel<double>;
}
PanelFunction find_add_to_panel(DType dtype) {
  return dtype == DType::kF32 ? &add_to_panel<float> : &add_to_panel<double>;
}

}  // namespace
}  // namespace hourglass::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {
namespace {

HWY_EXPORT(find_multiply_panel);
HWY_EXPORT(find_add_to_panel);

constexpr std::int64_t kPanelBytes = 64;  // a row

void check_rows(const char* who, const SparseRows& s) {
  internal::check_indices(who, "columns", s.columns, s.capacity, s.width);
  for (std::int64_t i = 0, least = 0; i <= s.rows; ++i) {
    const bool fits = s.starts[i] >= least && s.starts[i] <= s.capacity;
    if (!fits || (i == 0 && s.starts[0] != 0)) {
      throw Error(
          fmt::format("{}: row starts do not rise from 0 to at most {}: row_starts[{}] = {}", who,
                      s.capacity, i, s.starts[i]));
    }
    least = s.starts[i];
  }
}

// The columns from `first` on of a dense matrix [width, n], or of one that is stored transposed,
// for as many as a panel holds.
struct PanelPlace {
  std::int64_t columns, offset, row_step, column_step;

  PanelPlace(std::int64_t width, std::int64_t n, std::int64_t first, std::int64_t most,
             bool transposed)
      : columns(std::min(most, n - first)),
        offset(transposed ? first * width : first),
        row_step(transposed ? 1 : n),
        column_step(transposed ? width : 1) {}
};

// body(first, panel) for each panel of n columns, a thread a panel: the panel is this thread's
// memory for `width` rows.
template <class T, class Body>
void for_each_panel(std::int64_t width, std::int64_t n, Body body) {
  constexpr std::int64_t kColumns = kPanelBytes / sizeof(T);
  parallel_for(internal::divide_up(n, kColumns), [&](std::int64_t block) {
    T* panel = internal::scratch<T>(internal::Scratch::kPanels, width * kColumns);
    body(block * kColumns, kColumns, panel);
  });
}

template <class T>
void multiply(const SparseRows& s, const void* values, const T* w, bool transposed, std::int64_t n,
              T* y) {
  const auto product = HWY_DYNAMIC_DISPATCH(find_multiply_panel)(dtype_of<T>());
  for_each_panel<T>(s.width, n, [&](std::int64_t first, std::int64_t most, T* panel) {
    const PanelPlace at(s.width, n, first, most, transposed);
    if (at.columns < most) std::fill_n(panel, s.width * most, T{0});
    internal::strided_copy(sizeof(T),
                           {{s.width, most, at.row_step}, {at.columns, 1, at.column_step}},
                           w + at.offset, panel);
    product(s, values, panel, at.columns, n, y + first);
  });
}

template <class T>
void multiply_transpose(const SparseRows& s, const void* values, const T* a, std::int64_t n,
                        bool transposed, T* y) {
  const auto product = HWY_DYNAMIC_DISPATCH(find_add_to_panel)(dtype_of<T>());
  for_each_panel<T>(s.width, n, [&](std::int64_t first, std::int64_t most, T* panel) {
    const PanelPlace at(s.width, n, first, most, transposed);
    std::fill_n(panel, s.width * most, T{0});
    product(s, values, a + first, at.columns, n, panel);
    internal::strided_copy(sizeof(T),
                           {{s.width, at.row_step, most}, {at.columns, at.column_step, 1}}, panel,
                           y + at.offset);
  });
}

template <class T>
void sample(const SparseRows& s, const T* a, const T* w, bool transposed, std::int64_t n,
            T* values) {
  constexpr std::int64_t kRows = 16;  // of one thread at a time
  if (transposed) {
    T* rows = internal::scratch<T>(internal::Scratch::kPanels, s.width * n);
    internal::strided_copy(sizeof(T), {{s.width, n, 1}, {n, 1, s.width}}, w, rows);
    w = rows;
  }
  std::fill(values + s.starts[s.rows], values + s.capacity, T{0});
  parallel_ranges(s.rows, kRows, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      for (std::int64_t p = s.starts[i]; p < s.starts[i + 1]; ++p) {
        T sum = 0;
        for (std::int64_t j = 0; j < n; ++j) sum += a[i * n + j] * w[s.columns[p] * n + j];
        values[p] = sum;
      }
    }
  });
}

}  // namespace

void sparse_matmul(DType dtype, const SparseRows& s, const void* values, const void* w,
                   bool transposed, std::int64_t n, void* y) {
  check_rows("sparse_matmul", s);
  visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    multiply(s, values, static_cast<const T*>(w), transposed, n, static_cast<T*>(y));
  });
}

void sparse_transpose_matmul(DType dtype, const SparseRows& s, const void* values, const void* a,
                             std::int64_t n, bool transposed, void* y) {
  check_rows("sparse_transpose_matmul", s);
  visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    multiply_transpose(s, values, static_cast<const T*>(a), n, transposed, static_cast<T*>(y));
  });
}

void sampled_matmul(DType dtype, const SparseRows& s, const void* a, const void* w, bool transposed,
                    std::int64_t n, void* values) {
  check_rows("sampled_matmul", s);
  visit_real(dtype, [&](auto zero) {
    using T = decltype(zero);
    sample(s, static_cast<const T*>(a), static_cast<const T*>(w), transposed, n,
           static_cast<T*>(values));
  });
}

}  // namespace hourglass::kernels
#endif
