#include "tensor/kernels/gemm/product.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/gemm/gemm_tiles_f64.cc"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "tensor/kernels/gemm/gemm_tiles-inl.h"
#include "tensor/kernels/highway-inl.h"

HWY_BEFORE_NAMESPACE();
namespace hourglass::kernels::internal::HWY_NAMESPACE {
namespace {

void multiply_f64(const Product& product, const double* a, const double* b, double* c,
                  const GemmBlocking& blocking) {
  Multiplication<double>(product, a, b, c, blocking).run();
}

}  // namespace
}  // namespace hourglass::kernels::internal::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace hourglass::kernels::internal {
namespace {

HWY_EXPORT(multiply_f64);

}  // namespace

template <>
void multiply_by_tiles<double>(const Product& product, const double* a, const double* b, double* c,
                               const GemmBlocking& blocking) {
  if (is_column(product)) {
    HWY_DYNAMIC_DISPATCH(multiply_f64)(transposed(product), b, a, c, blocking);
  } else {
    HWY_DYNAMIC_DISPATCH(multiply_f64)(product, a, b, c, blocking);
  }
}

}  // namespace hourglass::kernels::internal
#endif  // HWY_ONCE
