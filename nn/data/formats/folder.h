#pragma once

#include <string>

#include "nn/data/formats/format.h"

namespace hourglass::internal {

// What the file holds, by that format; a picture is a data set of one.
nn::RawData read_file(const DataFile& file, const Format& format, const nn::ReadOptions& options);

// A folder's files: parts of one data set, pictures, documents. Sub-folders are classes of those,
// or a training and a test part, as two files may be by their names.
nn::RawData read_folder(const std::string& folder, const nn::ReadOptions& options);

}  // namespace hourglass::internal
