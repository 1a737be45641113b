#pragma once

#include "tools/report/looked_at.h"

namespace hourglass::tools {

// {"points": [{"at": [x, y], "number", "score", "class"}], "axes", "classes", and "sheets" of the
// examples as images, or "texts"}: the first two principal components of wider codes.
Json latent(const LoadedRun& run, const LookedAt& looked);

// {"used", "perplexity", "shares": [...]} of a codebook's entries.
Json codebook(const LoadedRun& run, const LookedAt& looked);

}  // namespace hourglass::tools
