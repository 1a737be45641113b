#pragma once

#include <string>
#include <vector>

#include "tensor/tensor.h"

namespace hourglass {

// A table of numbers [rows, columns] as CSV: the names of the columns, where there are any, then a
// line a row; each number in the fewest digits that read back as the same f32 or f64, and nothing
// where it is NaN. Words in place of numbers: see write_csv_records. Equal tables give equal bytes.
// Throws Error where the names are not as many as the columns.
void write_csv(const std::string& path, const std::vector<std::string>& names, const Tensor& table);

// Lines of fields, quoted where they need it.
void write_csv_records(const std::string& path,
                       const std::vector<std::vector<std::string>>& records);

// A number as write_csv writes it.
std::string csv_number(const Tensor& table, std::int64_t index);

}  // namespace hourglass
