#include "tensor/kernels/gemm/product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/gemm/gemm_tiles_f32.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/gemm/gemm_tiles-inl.h"
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

void multiply_f32(const Product& product, const float* a, const float* b, float* c,
                  const GemmBlocking& blocking) {
  Multiplication<float>(product, a, b, c, blocking).run();
}

std::int64_t lanes() { return kLanesOf<float>; }

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(multiply_f32);
HWY_EXPORT(lanes);

}  // namespace

template <>
void multiply_by_tiles<float>(const Product& product, const float* a, const float* b, float* c,
                              const GemmBlocking& blocking) {
  if (is_column(product)) {
    HWY_DYNAMIC_DISPATCH(multiply_f32)(transposed(product), b, a, c, blocking);
  } else {
    HWY_DYNAMIC_DISPATCH(multiply_f32)(product, a, b, c, blocking);
  }
}

std::int64_t tile_lanes() { return HWY_DYNAMIC_DISPATCH(lanes)(); }

}  // namespace hourglass::kernels::internal
#endif  // HWY_ONCE
