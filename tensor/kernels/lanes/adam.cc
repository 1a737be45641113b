// Adam's update in one pass over memory. Each operation rounds by itself and in the order of the
// formula, so the bits are those of the same lanes one after the other, on every target.

#include <cstddef>

#include "tensor/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/adam.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "tensor/kernels/lanes/lane_loop-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

template <class T>
struct Scalars {
  using V = hn::Vec<hn::ScalableTag<T>>;
  V beta1, rest1, beta2, rest2, correction1, correction2, epsilon, rate;
};

// One vector: the new m and v, and what is returned, the new p.
template <class V, class T>
HWY_INLINE V update(const Scalars<T>& s, V& m, V& v, V g, V p) {
  m = hn::Add(hn::Mul(s.beta1, m), hn::Mul(s.rest1, g));
  v = hn::Add(hn::Mul(s.beta2, v), hn::Mul(s.rest2, hn::Mul(g, g)));
  const V root = hn::Add(hn::Sqrt(hn::Mul(s.correction2, v)), s.epsilon);
  return hn::Sub(p, hn::Mul(s.rate, hn::Div(hn::Mul(s.correction1, m), root)));
}

template <class T>
bool adam(const void* const* inputs, void* const* outputs, std::size_t n) {
  const hn::ScalableTag<T> d;
  const auto array = [&](int k) { return static_cast<const T*>(inputs[k]); };
  const auto scalar = [&](int k) HWY_ATTR { return hn::Set(d, *array(k)); };
  const Scalars<T> s{scalar(4), scalar(5), scalar(6),  scalar(7),
                     scalar(8), scalar(9), scalar(10), scalar(11)};
  T* m = static_cast<T*>(outputs[0]);
  T* v = static_cast<T*>(outputs[1]);
  T* p = static_cast<T*>(outputs[2]);
  const auto zero = hn::Zero(d);
  auto bad = zero;  // a sum of x * 0: NaN once an x was not finite
  const auto check = [&](auto a, auto b, auto c) HWY_ATTR {
    bad = hn::MulAdd(a, zero, hn::MulAdd(b, zero, hn::MulAdd(c, zero, bad)));
  };
  const std::size_t lanes = hn::Lanes(d);
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes) {
    auto m1 = hn::LoadU(d, array(0) + i), v1 = hn::LoadU(d, array(1) + i);
    const auto p1 = update(s, m1, v1, hn::LoadU(d, array(2) + i), hn::LoadU(d, array(3) + i));
    hn::StoreU(m1, d, m + i);
    hn::StoreU(v1, d, v + i);
    hn::StoreU(p1, d, p + i);
    check(m1, v1, p1);
  }
  if (const std::size_t rest = n - i; rest > 0) {
    auto m1 = load_first(d, array(0) + i, rest), v1 = load_first(d, array(1) + i, rest);
    const auto p1 =
        update(s, m1, v1, load_first(d, array(2) + i, rest), load_first(d, array(3) + i, rest));
    store_first(d, m1, rest, m + i);
    store_first(d, v1, rest, v + i);
    store_first(d, p1, rest, p + i);
    const auto inside = hn::FirstN(d, rest);  // outside p1 may be 0 / 0
    check(hn::IfThenElseZero(inside, m1), hn::IfThenElseZero(inside, v1),
          hn::IfThenElseZero(inside, p1));
  }
  return hn::AllTrue(d, hn::Eq(bad, zero));
}

AdamFunction find_adam(DType dtype) {
  if (dtype == DType::kF32) return &adam<float>;
  if (dtype == DType::kF64) return &adam<double>;
  return nullptr;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(find_adam);
AdamFunction adam_function(DType dtype) { return HWY_DYNAMIC_DISPATCH(find_adam)(dtype); }

}  // namespace hourglass::kernels
#endif
