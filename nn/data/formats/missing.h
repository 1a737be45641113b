#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// Where example i was read, for errors: "row 3", "line 4".
using RowPlace = std::function<std::string(std::int64_t)>;
std::string number_of_row(std::int64_t i);  // "row 3" of the third

// What the options say of NaN in [N, D] or [T, C]: refused, kept, or its row left out, with a note.
// FileError also for a number that is infinite, for a column that holds nothing else than NaN, and
// where no row is left.
void settle_missing(nn::RawData& data, const nn::ReadOptions& options, const std::string& path,
                    const RowPlace& place);

}  // namespace hourglass::internal
