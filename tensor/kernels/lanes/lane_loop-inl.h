// The loop around a lane: arrays in, vectors through a function, array out.

#if defined(HOURGLASS_LANE_LOOP_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_LANE_LOOP_INL_H_
#undef HOURGLASS_LANE_LOOP_INL_H_
#else
#define HOURGLASS_LANE_LOOP_INL_H_
#endif

#include <cstddef>
#include <utility>

#include "tensor/kernels.h"
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/part-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using internal::HWY_NAMESPACE::load_first;
using internal::HWY_NAMESPACE::store_first;

// F is a struct with a static call(d, inputs..., parameters...) over vectors.
template <class F, class D, class V, std::size_t... i, std::size_t... p>
HWY_INLINE V call_lane(D d, const V* x, const V* parameters, std::index_sequence<i...>,
                       std::index_sequence<p...>) {
  (void)parameters;
  return F::call(d, x[i]..., parameters[p]...);
}

// A LaneFunction. What is left of n after full vectors goes through the same loop as one more
// vector, from and to a buffer: the code is there once and a tail gets the same bits.
template <class T, class F, std::size_t inputs, std::size_t parameter_count>
void lane_loop(const void* const* x, void* y, std::size_t n, const double* parameters) {
  const hn::ScalableTag<T> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  HWY_ALIGN T buffer[inputs][HWY_MAX_BYTES / sizeof(T)];
  V broadcast[parameter_count + 1];
  for (std::size_t p = 0; p < parameter_count; ++p) {
    broadcast[p] = hn::Set(d, static_cast<T>(parameters[p]));
  }
  const T* from[inputs];
  for (std::size_t k = 0; k < inputs; ++k) from[k] = static_cast<const T*>(x[k]);
  T* to = static_cast<T*>(y);
  const std::size_t tail = n % lanes;
  std::size_t full = n - tail;
  for (bool in_tail = false;; in_tail = true) {
    for (std::size_t i = 0; i < full; i += lanes) {
      V v[inputs];
      for (std::size_t k = 0; k < inputs; ++k) v[k] = hn::LoadU(d, from[k] + i);
      hn::StoreU(call_lane<F>(d, v, broadcast, std::make_index_sequence<inputs>(),
                              std::make_index_sequence<parameter_count>()),
                 d, to + i);
    }
    if (in_tail || tail == 0) break;
    for (std::size_t k = 0; k < inputs; ++k) {
      hn::Store(load_first(d, from[k] + full, tail), d, buffer[k]);
      from[k] = buffer[k];
    }
    to = buffer[0];
    full = lanes;
  }
  if (tail != 0) store_first(d, hn::Load(d, buffer[0]), tail, static_cast<T*>(y) + n - tail);
}

// The loops of a lane for f32 and f64, and for i32 where `integers` says so.
template <class F, std::size_t inputs, std::size_t parameter_count = 0, bool integers = false>
LaneFunction lane_of(DType dtype) {
  if (dtype == DType::kF32) return &lane_loop<float, F, inputs, parameter_count>;
  if (dtype == DType::kF64) return &lane_loop<double, F, inputs, parameter_count>;
  if constexpr (integers) {
    if (dtype == DType::kI32) return &lane_loop<std::int32_t, F, inputs, parameter_count>;
  }
  return nullptr;
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_LANE_LOOP_INL_H_
