#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ae/model/categories.h"
#include "nn/data/data_set.h"
#include "tools/run_folder.h"

namespace hourglass::tools {

// What a path holds, or several of one kind one after the other, for a run's model, read as the
// run's own data were; a test part that they bring along stands behind the rest. Throws FileError
// where they cannot be read, and Error, naming the command, where the examples are of another kind
// or shape than the model takes.
nn::RawData read_examples(const char* who, const std::vector<std::string>& paths,
                          const RunConfig& run);

// How many of such examples the model learnt from: those of the run's own data; of others none.
std::int64_t trained_on(const RunConfig& run, const nn::RawData& data);
std::string trained_on_text(const RunConfig& run,
                            const nn::RawData& data);  // ": 1465 of them were trained on"

// Throws Error unless the name ends as a file of such examples may (before work is done for it):
// images in .png, .idx, .idx.gz or .npy, series and all that have columns in .csv or .npy.
void check_output(const std::string& path, nn::DataKind kind);

// Throws Error unless the path ends in one of these: "output: a.jpg: expected a name that ends in
// .html".
void check_ending(const std::string& path, const std::vector<std::string_view>& endings,
                  std::string_view option = "output");

// Examples [N, example shape...] in the units of their file, or steps of a series, [T, C]. NPY keeps
// them; of images IDX and PNG round to u8, and a PNG of several is a sheet of so many columns (0: one
// line of up to 12, else nearly as many as rows), small images twice as large. CSV has the names of
// the columns; the windows of a series stand below one another, each with its number; of a category it has the
// most probable word.
void write_examples(const std::string& path, const nn::DataSet& data, int columns = 0);

// What a column of a table is called: its name, or its number from 1.
std::string column_name(const nn::DataSet& data, const ae::ColumnRange& column);
std::string column_name(const nn::DataSet& data, std::size_t column);  // or its number, from 1

// A data set of a model's examples: of the run's kind and columns.
nn::DataSet examples_like(const RunConfig& run, const nn::Rows& examples);

}  // namespace hourglass::tools
