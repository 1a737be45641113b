#pragma once

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// gemm_blocking() for products of so many multiply-adds, which count towards
// set_gemm_blocking_when_busy.
GemmBlocking blocking_for(double work);

}  // namespace hourglass::kernels::internal
