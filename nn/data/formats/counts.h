#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nn/data/read_options.h"

namespace hourglass::internal {

// A sparse matrix by rows: row i holds values[p] in column columns[p], for p in [row_starts[i],
// row_starts[i + 1]); columns rise within a row.
struct SparseTable {
  std::int64_t width = 0;
  std::vector<float> values = {};
  std::vector<std::int32_t> columns = {};
  std::vector<std::int64_t> row_starts = {0};

  std::int64_t rows() const { return static_cast<std::int64_t>(row_starts.size()) - 1; }
};

// Sorts the entries of the row that was filled last and ends it. False where a column comes twice.
bool end_row(SparseTable& table);

// Throws Error where so many rows do not fit in memory: asked ahead of making them, as a header may
// say any number.
void check_counts_fit(const std::string& path, std::int64_t rows, std::int64_t width);

// As counts i32 [N, D]; where not all are whole numbers from 0 on, as rows f32 [N, D], with a note.
nn::RawData from_counts(const std::string& path, const SparseTable& table);

// Files in the folder of `path`, by name, whose names begin and, ahead of .gz, end so.
std::vector<std::string> files_beside(const std::string& path, const std::string& begin,
                                      const std::string& end);
std::vector<std::string> lines_of(const std::string& path);

}  // namespace hourglass::internal
