#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nn/data/read_options.h"
#include "tensor/files/csv.h"

namespace hourglass::internal {

// What becomes of the columns of a table.
struct ColumnPlan {
  std::vector<std::size_t> examples;  // in this order
  std::optional<std::size_t> label;
  std::vector<bool> category;  // a column of the file
  bool chosen = false;         // the columns were named, by the options or by the schema

  std::vector<CsvUse> uses(std::size_t columns) const;
};

// Each name once: one that comes again gets a number, as in "HBA-1", an empty one its column's.
std::vector<std::string> distinct_names(std::vector<std::string> names);

// By the names in the header, empty ones where there is none. Throws FileError for a column that
// does not exist, with the nearest name.
ColumnPlan plan_columns(const std::string& path, const std::vector<std::string>& names,
                        const nn::ReadOptions& options);

}  // namespace hourglass::internal
