// Adam's update (Kingma & Ba 2015, algorithm 1) in one pass over memory, as nn::Adam writes it. The
// corrections are 1 / (1 - beta^t), the rests 1 - beta.

#include <array>
#include <cstddef>

#include "tensor/kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/lanes/adam.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/highway-inl.h"
#include "tensor/kernels/lanes/fused_update-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels {
namespace HWY_NAMESPACE {
namespace {

struct Adam {
  static constexpr std::size_t arrays = 4, scalars = 8;

  template <class X>
  static HWY_INLINE std::array<X, 3> update(X m, X v, X g, X p, X beta1, X rest1, X beta2, X rest2,
                                            X correction1, X correction2, X epsilon, X rate) {
    const X new_m = beta1 * m + rest1 * g;
    const X new_v = beta2 * v + rest2 * square(g);
    const X direction = (correction1 * new_m) / (sqrt(correction2 * new_v) + epsilon);
    return {new_m, new_v, p - rate * direction};
  }
};

void trace_adam(FusedUpdate& update) { trace_update<Adam>(update); }
FusedUpdate::Function find_adam(DType dtype) { return find_update<Adam>(dtype); }

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace hourglass::kernels
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels {

HWY_EXPORT(trace_adam);
HWY_EXPORT(find_adam);
[[maybe_unused]] static const bool adam_defined = define_update(
    "adam",
    [](FusedUpdate& update) {
      HWY_DYNAMIC_DISPATCH(trace_adam)
      (update);
    },
    [](DType dtype) { return HWY_DYNAMIC_DISPATCH(find_adam)(dtype); });

}  // namespace hourglass::kernels
#endif
