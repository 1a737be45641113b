#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// What errors call example i and its number c: "line 4", "column 2 (speed)"; by themselves "row 3",
// "column 2".
struct CellNames {
  std::function<std::string(std::int64_t)> row;
  std::function<std::string(std::int64_t)> column;
};
CellNames cell_numbers();

// What the options say of NaN in [N, D] or [T, C]: refused, kept, or its row left out, with a note.
// FileError also for a number that is infinite, for a column that holds nothing else than NaN, and
// where no row is left.
void settle_missing(nn::RawData& data, const nn::ReadOptions& options, const std::string& path,
                    const CellNames& names);

}  // namespace hourglass::internal
