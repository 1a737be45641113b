// Highway's operations for the target at hand. Read once a target they are most of what a small file of kernels
// costs: where tools/pch/kernels.hpp has read them all, a file names the target that comes next and no more.
// Without a guard, since foreach_target includes it once a target.
#ifdef HOURGLASS_HIGHWAY_PRECOMPILED
#include "hwy/ops/set_macros-inl.h"
#else
#include "hwy/highway.h"
#endif
