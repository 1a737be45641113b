#pragma once

#include <cstdint>

#include "autograd/graph/op.h"

namespace hourglass {

// The kernel of an elementwise op of one input, made of a function of a number that takes floats
// and doubles: `.kernel = map1<[](auto x) { return std::sin(x) / x; }>`. For ops whose type rule is
// same_as_first.
template <auto f>
void map1(const KernelCall& call) {
  visit_real(call.output.dtype, [&](auto zero) {
    using T = decltype(zero);
    const T* x = call.inputs[0].as<T>();
    T* y = call.output.as<T>();
    for (std::int64_t i = 0; i < call.elements(); ++i) y[i] = static_cast<T>(f(x[i]));
  });
}

}  // namespace hourglass
