#pragma once

#include <string>
#include <vector>

#include "nn/data/data_set.h"
#include "nn/data/read_options.h"

namespace hourglass::nn {

// What a path holds: a file, a folder, a pipe, or - for what is piped in. Examples are of the kind
// that was asked for, else of the format's own: images [N, C, H, W], u8 or f32 (of 16 bits: divided
// by 65535); tables f64; counts i32; arrays as they are stored. Where missing values were allowed
// they are NaN. Throws FileError of one line that names file, and row and column or byte offset.
RawData read_data(const std::string& path, const ReadOptions& options = {});

// "a CSV or TSV table", "a PNG image", ...: what read_data takes, for help texts.
std::vector<std::string> data_formats();

}  // namespace hourglass::nn
