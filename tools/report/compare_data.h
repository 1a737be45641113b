#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tools/run_folder.h"

namespace hourglass::tools {

// What is to be said of several runs beside each other: {"runs": [{"name", "facts", "metrics", ...}],
// "figures" and "differences": [{"name", "values": one a run, null where it has none}], and what they
// make of the same examples, those of `data` or of the first run's test part: "pictures" of images,
// "windows" of series, "rows" of other kinds}. Throws Error for fewer than two, and where a folder
// is no run; a run without weights has no reconstructions, nor one that takes other examples.
Json comparison(const std::vector<std::string>& folders, const std::optional<std::string>& data);

}  // namespace hourglass::tools
