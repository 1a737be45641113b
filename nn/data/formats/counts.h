#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/data/csr.h"
#include "nn/data/read_options.h"

namespace hourglass::internal {

// Sorts the entries of the row that was filled last and ends it. False where a column comes twice.
bool end_row(nn::CsrMatrix& table);

// As counts i32 [N, D]; where not all are whole numbers from 0 on, as rows f32 [N, D], with a note.
// They stay sparse.
nn::RawData from_counts(const std::string& path, nn::CsrMatrix table);

// Files in the folder of `path`, by name, whose names begin and, ahead of .gz, end so.
std::vector<std::string> files_beside(const std::string& path, const std::string& begin,
                                      const std::string& end);
std::vector<std::string> lines_of(const std::string& path);

}  // namespace hourglass::internal
