#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "nn/data/rows.h"
#include "tensor/enum_names.h"
#include "tensor/tensor.h"

namespace hourglass::nn {

// What the numbers of an example are.
enum class DataKind : std::uint8_t {
  kImage,       // pixels, [C, H, W]
  kRow,         // of a table, [D]
  kSeries,      // a window of a recording, [C, T]: channels, time steps
  kCounts,      // how often each of D things was seen, [D]
  kActivations  // of another network, [D]
};
const EnumNames<DataKind>& names_of(DataKind);  // "image", "row", "series", "counts", "activations"
using hourglass::name_of;

// A column of words as columns of 0 and 1: column first + i says whether it is words[i].
struct Category {
  std::string name;
  std::int64_t first = 0;
  std::vector<std::string> words = {};
};

// Examples and what is known of them. A program makes one of its own tensor in one line:
//   DataSet{.kind = DataKind::kRow, .examples = table}
struct DataSet {
  DataKind kind = DataKind::kImage;
  Rows examples = {};                     // [N, example shape...] as stored: u8, i32, f32, f64; a
                                          // value that is missing is NaN
  std::optional<Stored> stored = {};      // the type of their numbers in a file
  Tensor labels = {};                     // i32 [N]; undefined where there are none
  std::vector<std::string> columns = {};  // names: of D columns, of C channels, of D words; or none
  std::vector<std::string> classes = {};  // label i is called classes[i]; or none
  std::vector<Category> categories = {};  // among the columns
  std::string source = {};                // where it came from, for people

  std::int64_t count() const { return examples.count(); }
  Shape example_shape() const { return examples.shape().without_axis(0); }
  std::int64_t width() const { return examples.width(); }  // numbers an example
  Rows rows() const;                                       // [N, width], the same
  // Some examples: those that follow one another, or these, in that order. The numbers are shared.
  DataSet range(std::int64_t first, std::int64_t last) const;
  DataSet select(std::vector<std::int32_t> indices) const;
};

std::string plural(DataKind kind);  // "images", "rows", "windows", "counts", "activations"

// What they are called, in the plural, and how large one is: "images of 28 by 28", "rows of 21
// columns".
std::string kind_text(const DataSet& data);
std::string kind_text(DataKind kind, const Shape& example);

// Throws Error, saying what was expected, unless the examples have their kind's rank, there is a
// label an example, none is below 0, and the names of columns are as many as these.
void check(const DataSet& data);

// What must agree between the data that a model has learnt from and others that it is applied to.
struct Schema {
  std::int64_t width = 0;                 // numbers an example; of counts a file may have less
  std::vector<std::string> columns = {};  // by which a table is read, and the words of a text
  std::vector<Category> categories = {};
  std::vector<std::string> classes = {};
  int first_index = -1;  // of SVMlight's indices: 0 or 1; -1 where there are none
};

// What a path holds, ahead of any split.
struct RawData {
  // All of it, or the training part where the data brings a test part along. Of a series: a row a
  // time step, [T, C], recordings one after the other.
  DataSet all;
  std::optional<DataSet> test = {};
  std::vector<std::int64_t> recordings = {};  // of a series: how many time steps each has
  int first_index = -1;                       // of SVMlight's indices: 0 or 1
  std::vector<std::string> notes = {};        // one line each: what was taken for what, left out
};
Schema schema_of(const RawData& data);

// The CRC-32 of all examples and labels as eight hexadecimal digits: equal for equal data. Of
// examples of more than 1 GiB so much is looked at, in pieces from the first to the last, so that a
// large file need not be read twice.
std::string checksum(const RawData& data);

}  // namespace hourglass::nn
