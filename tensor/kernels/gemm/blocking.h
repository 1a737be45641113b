#pragma once

#include "tensor/kernels.h"

namespace hourglass::kernels::internal {

// Products of so many multiply-adds are about to run: they count towards
// set_gemm_blocking_when_busy.
void count_products(double work);

}  // namespace hourglass::kernels::internal
