// What the kernels include that does not depend on the SIMD target (see library.hpp).

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

// Highway for every target, and its guards as before for the file that follows: foreach_target reads that once a
// target, and Highway not again.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/kernels/highway-inl.h"
#include "hwy/foreach_target.h"
#include "tensor/kernels/highway-inl.h"
#undef HIGHWAY_HWY_FOREACH_TARGET_H_
#undef HWY_HIGHWAY_INCLUDED
#undef HWY_TARGET_TOGGLE
#define HOURGLASS_HIGHWAY_PRECOMPILED
