#pragma once

#include "autograd/graph/var.h"
#include "tensor/kernels.h"

namespace hourglass::internal {

// What a matmul node asks of the kernels.
bool is_matmul(const Var& x);
kernels::Gemm gemm_of(const Var& matmul);

// Whether it is a conv2d node that is a dense layer (kernels::is_dense).
bool is_dense_conv(const Var& x);

}  // namespace hourglass::internal
