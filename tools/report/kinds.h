#pragma once

#include "tools/report/looked_at.h"

namespace hourglass::tools {

// {"errors": [{"name", "error", ...}], "unit", "worst": {"of", "rows"}}: tables and activations.
Json columns(const LoadedRun& run, const LookedAt& looked);

// {"channels", "scores": of every window, "windows": some with their numbers}: series.
Json windows(const LookedAt& looked);

// {"caption", "units": [{"unit", "more": [word, ...], "less"}]}: counts.
Json words_of_units(const LoadedRun& run, const LookedAt& looked);

}  // namespace hourglass::tools
