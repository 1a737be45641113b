#pragma once

#include <cstdint>
#include <string>

#include "nn/data/data_set.h"
#include "tools/data_options.h"

namespace hourglass::tools {

// The help of an option or a word that names data.
std::string data_help(const std::string& otherwise);  // "(nothing: built-in digits)"

// What a path holds, or the built-in digits where it is empty. Throws Error, naming the option, where options do not fit the data.
nn::RawData load_data(const std::string& path, const DataOptions& options);

// What a label is called: the class's name, or the number where classes have none.
std::string class_name(const nn::DataSet& data, std::int32_t label);

// The examples of all of it, in their order: the windows of a series, else the rows as they are.
nn::DataSet examples_in(const nn::RawData& data, const DataOptions& options);

}  // namespace hourglass::tools
