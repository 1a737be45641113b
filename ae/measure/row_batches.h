#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "autograd/compile/program.h"
#include "tensor/tensor.h"

namespace hourglass::ae {

// Runs a program over consecutive rows of tensors [N, ...], which stay together; calls f(outputs,
// first row, how many rows) for each batch.
void for_row_batches(ProgramByShape& program, const std::vector<Tensor>& data, std::int64_t batch,
                     const std::function<void(const std::vector<Tensor>& values, std::int64_t first,
                                              std::int64_t rows)>& f);

}  // namespace hourglass::ae
