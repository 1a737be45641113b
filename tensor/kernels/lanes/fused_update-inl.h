// A formula of several results as a kernel: arrays in, vectors through the formula, arrays out; and
// as the lanes that the kernel stands for.

#if defined(HOURGLASS_FUSED_UPDATE_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef HOURGLASS_FUSED_UPDATE_INL_H_
#undef HOURGLASS_FUSED_UPDATE_INL_H_
#else
#define HOURGLASS_FUSED_UPDATE_INL_H_
#endif

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <tuple>
#include <utility>

#include "hwy/cache_control.h"
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/fused_update.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {

// A vector of numbers, written as one number. Each operation rounds by itself, in the order of the
// formula, so the bits are those of the same lanes one after the other, on every target.
template <class T>
struct Numbers {
  hn::Vec<hn::ScalableTag<T>> v;

  friend HWY_INLINE Numbers operator+(Numbers a, Numbers b) { return {hn::Add(a.v, b.v)}; }
  friend HWY_INLINE Numbers operator-(Numbers a, Numbers b) { return {hn::Sub(a.v, b.v)}; }
  friend HWY_INLINE Numbers operator*(Numbers a, Numbers b) { return {hn::Mul(a.v, b.v)}; }
  friend HWY_INLINE Numbers operator/(Numbers a, Numbers b) { return {hn::Div(a.v, b.v)}; }
  friend HWY_INLINE Numbers square(Numbers a) { return {hn::Mul(a.v, a.v)}; }
  friend HWY_INLINE Numbers sqrt(Numbers a) { return {hn::Sqrt(a.v)}; }
};

template <class F, class X, std::size_t... a, std::size_t... s>
HWY_INLINE auto call_update(const X* arrays, const X* scalars, std::index_sequence<a...>,
                            std::index_sequence<s...>) {
  return F::update(arrays[a]..., scalars[s]...);
}

// A FusedUpdate::Function. A store to a line that another core has read waits for that core, 50 ns
// and more, one line after the other: weights that all cores read ahead of their update took five
// times as long on two threads as on one. A store past the caches does not wait.
template <class T, class F>
bool run_update(const void* const* inputs, void* const* outputs, std::size_t n, bool shared) {
  using X = Numbers<T>;
  constexpr std::make_index_sequence<F::arrays> arrays;
  constexpr std::make_index_sequence<F::scalars> all_scalars;
  const hn::ScalableTag<T> d;
  const T* from[F::arrays];  // not read again after each store, which might have changed them
  for (std::size_t k = 0; k < F::arrays; ++k) from[k] = static_cast<const T*>(inputs[k]);
  X x[F::arrays], scalars[F::scalars];
  for (std::size_t k = 0; k < F::scalars; ++k) {
    scalars[k] = {hn::Set(d, *static_cast<const T*>(inputs[F::arrays + k]))};
  }
  T* to[std::tuple_size_v<decltype(call_update<F>(x, scalars, arrays, all_scalars))>];
  for (std::size_t k = 0; k < std::size(to); ++k) to[k] = static_cast<T*>(outputs[k]);
  const auto zero = hn::Zero(d);
  auto bad = zero;  // a sum of y * 0: NaN once a y was not finite
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t last = std::size(to) - 1;
  const bool past = shared && reinterpret_cast<std::uintptr_t>(to[last]) % (lanes * sizeof(T)) == 0;
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    for (std::size_t k = 0; k < F::arrays; ++k) x[k] = {hn::LoadU(d, from[k] + i)};
    const auto results = call_update<F>(x, scalars, arrays, all_scalars);
    for (std::size_t k = 0; k < results.size(); ++k) {
      if (k == last && past) {
        hn::Stream(results[k].v, d, to[k] + i);
      } else {
        hn::StoreU(results[k].v, d, to[k] + i);
      }
      bad = hn::MulAdd(results[k].v, zero, bad);
    }
  }
  if (past) hwy::FlushStream();
  if (const std::size_t rest = n - i; rest > 0) {
    for (std::size_t k = 0; k < F::arrays; ++k) x[k] = {load_first(d, from[k] + i, rest)};
    const auto results = call_update<F>(x, scalars, arrays, all_scalars);
    const auto inside = hn::FirstN(d, rest);  // outside there may be 0 / 0
    for (std::size_t k = 0; k < results.size(); ++k) {
      store_first(d, results[k].v, rest, to[k] + i);
      bad = hn::MulAdd(hn::IfThenElseZero(inside, results[k].v), zero, bad);
    }
  }
  return hn::AllTrue(d, hn::Eq(bad, zero));
}

template <class F>
FusedUpdate::Function find_update(DType dtype) {
  if (dtype == DType::kF32) return &run_update<float, F>;
  if (dtype == DType::kF64) return &run_update<double, F>;
  return nullptr;
}

// The lanes of the formula.
template <class F>
void trace_update(FusedUpdate& update) {
  update.arrays = static_cast<int>(F::arrays);
  update.scalars = static_cast<int>(F::scalars);
  Symbol leaves[F::arrays + F::scalars];
  int r = 0;
  for (Symbol& leaf : leaves) leaf = {&update, r++};
  const auto results =
      call_update<F>(leaves, leaves + F::arrays, std::make_index_sequence<F::arrays>(),
                     std::make_index_sequence<F::scalars>());
  for (const Symbol& result : results) update.results.push_back(result.r);
}

}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#endif  // HOURGLASS_FUSED_UPDATE_INL_H_
