#pragma once

#include <doctest/doctest.h>

#include <string_view>

#include "tensor/kernels.h"

// Calls check(name) on each SIMD target that this CPU has, best first, and goes back to the best.
template <class Check>
void on_every_target(Check&& check) {
  struct Restore {
    ~Restore() { hourglass::kernels::set_cpu_target("best"); }
  } restore;
  for (const std::string_view target : hourglass::kernels::cpu_targets()) {
    hourglass::kernels::set_cpu_target(target);
    CAPTURE(target);
    check(target);
  }
}
