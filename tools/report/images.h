#pragma once

#include "tools/report/looked_at.h"

namespace hourglass::tools {

// {"best", "worst": [{"number", "score", "class", "original", "reconstruction"}], "of"}: images.
Json best_and_worst(const LookedAt& looked);

// Images of random codes, and of codes that go along units: "samples", and "manifold" of a code of
// two or "traversal", each {"picture", "width", "caption"}. Added to the report.
void add_generated(Json& report, const LoadedRun& run, const LookedAt& looked);

// The first layer's weights as images, those of the largest norm.
Json filters(const LoadedRun& run);

}  // namespace hourglass::tools
