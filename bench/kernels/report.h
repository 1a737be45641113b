#pragma once

#include <cstddef>
#include <string>

#include "bench/kernels/measure.h"

namespace hourglass::bench {

// What is printed of measured rows: a table for people, an object a line for programs.

std::string table_head(int repetitions);
std::string table_line(const Figures& figures);
std::string json_line(const Figures& figures);

// Whether others had part of the time: the median of the repetitions is a fifth above the least.
bool wavers(const Figures& figures);

// A line on how far to trust the table, where the machine has more to do than it has cores or a row
// wavers; else empty.
std::string loaded_line(double load_average, int cores, std::size_t wavering, std::size_t rows);

}  // namespace hourglass::bench
