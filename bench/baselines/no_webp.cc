#include "bench/baselines/codecs.h"
#include "tensor/error.h"

namespace hourglass::bench {

bool has_webp() { return false; }

Coded webp_coded(const Tensor&, int) { throw Error("codecs: there was no libwebp for the build"); }

}  // namespace hourglass::bench
